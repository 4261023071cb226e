//! A budget that is not passed, and estimates that come near without a tokenizer.
use wenwen::jobs::budget::{Budget, Estimator, Price, Short, Size, Tokens};

/// In 0..1, the same each time.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

#[test]
fn what_is_in_flight_counts() {
    let mut budget = Budget::new(Some(1.0), 0.25);
    let first = budget.reserve(0.5).unwrap();
    assert_eq!((budget.reserve(0.5), first.dollars()), (Err(Short::ForNow), 0.5));
    // It was cheaper than thought.
    budget.settle(first, 0.1);
    let (second, third) = (budget.reserve(0.3).unwrap(), budget.reserve(0.35).unwrap());
    assert_eq!(budget.reserve(0.01), Err(Short::ForNow));
    // One was refused, the other dearer: paid all the same.
    budget.settle(second, 0.0);
    budget.settle(third, 0.7);
    assert!((budget.spent() - 1.05).abs() < 1e-12);
    assert_eq!(budget.reserve(0.0001), Err(Short::ForGood));
}

#[test]
fn without_a_limit_it_only_counts() {
    let mut budget = Budget::new(None, 0.0);
    for _ in 0..1000 {
        let reserved = budget.reserve(1e9).unwrap();
        budget.settle(reserved, 0.001);
    }
    assert!((budget.spent() - 1.0).abs() < 1e-9);
    // Nonsense from a price list costs nothing and breaks nothing.
    for nonsense in [f64::NAN, f64::INFINITY, -1.0] {
        let reserved = budget.reserve(nonsense).unwrap();
        budget.settle(reserved, nonsense);
    }
    assert!((budget.spent() - 1.0).abs() < 1e-9);
    assert!(Budget::new(Some(0.0), 0.0).reserve(0.0).is_ok());
    assert_eq!(Budget::new(Some(0.0), 0.0).reserve(1e-9), Err(Short::ForGood));
}

#[test]
fn estimates_become_what_is_seen() {
    let mut estimator = Estimator::default();
    let mut state = 7;
    let (mut short, mut reserved, mut needed) = (0, 0.0, 0.0);
    for row in 0..5000 {
        let bytes = 500 + (random(&mut state) * 3000.0) as usize;
        let size = Size { bytes, ..Size::default() };
        // A token for 3.5 bytes, and answers of 20 to 220 tokens.
        let used = Tokens { input: bytes as f64 / 3.5, output: 20.0 + random(&mut state) * 200.0 };
        if row >= 500 {
            let most = estimator.most(&size);
            short += usize::from(most.output < used.output);
            (reserved, needed) = (reserved + most.all(), needed + used.all());
            assert!((most.input / used.input - 1.0).abs() < 0.05, "{most:?} {used:?}");
        }
        estimator.learn(&size, used);
    }
    assert!(short < 4500 / 20, "{short} of 4500 were longer");
    assert!(reserved < needed * 1.5, "{reserved} for {needed}");
    let expected = estimator.expected(&Size { bytes: 700, ..Size::default() });
    assert!((expected.output - 120.0).abs() < 30.0 && (expected.input - 200.0).abs() < 10.0, "{expected:?}");
    // Never more than the request allows, and pictures beside the text.
    let size = Size { bytes: 0, tokens: 85.0, max_output: Some(16.0) };
    assert_eq!(estimator.most(&size), Tokens { input: 85.0, output: 16.0 });
}

#[test]
fn a_budget_is_not_passed_by_more_than_the_estimates_are_wrong() {
    let price = Price::new(0.25, 2.0);
    let (mut budget, mut estimator) = (Budget::new(Some(5.0), 0.0), Estimator::default());
    let mut state = 11;
    let mut running = Vec::new();
    let mut ended = 0;
    loop {
        let size = Size { bytes: 2000, max_output: Some(400.0), ..Size::default() };
        let tokens = estimator.most(&size);
        match budget.reserve(price.of(tokens.input, tokens.output)) {
            Ok(reserved) => running.push(reserved),
            Err(Short::ForGood) => break,
            Err(Short::ForNow) => {
                assert!(!running.is_empty());
            }
        }
        if running.len() > 500 || budget.reserve(1.0).map(|reserved| budget.settle(reserved, 0.0)).is_err() {
            let used = Tokens { input: 520.0, output: 100.0 + random(&mut state) * 300.0 };
            if let Some(reserved) = running.pop() {
                budget.settle(reserved, price.of(used.input, used.output));
                estimator.learn(&size, used);
                ended += 1;
            }
        }
    }
    assert!(budget.spent() <= 5.0, "{}", budget.spent());
    assert!(budget.spent() > 4.99, "{} after {ended}", budget.spent());
}
