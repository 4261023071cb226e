//! One name is one thing: a type that is called like another one in some other room is taken for it.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The name that a line defines. The types of an `impl` are not names of their own: they are indented.
fn defined(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let code = match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1.trim_start(),
        Some(rest) if rest.starts_with(' ') => rest.trim_start(),
        _ => code,
    };
    let (kind, name) = code.split_once(' ')?;
    let is_definition =
        matches!(kind, "struct" | "enum" | "trait" | "union") || kind == "type" && !line.starts_with(' ');
    let name = name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    (is_definition && name.starts_with(char::is_uppercase)).then_some(name)
}

#[test]
fn a_type_name_is_defined_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files).unwrap();
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for name in text.lines().filter_map(defined) {
            let home = file.strip_prefix(&root).unwrap().display().to_string();
            homes.entry(name.to_owned()).or_default().push(home);
        }
    }
    assert!(homes.len() > 150, "the definitions were not found");
    let twice: BTreeMap<_, _> = homes.iter().filter(|(_, homes)| homes.len() > 1).collect();
    assert!(twice.len() < MOST, "{} names are defined more than once: {twice:#?}", twice.len());
}

/// Of some 280. Those that are left: a thing of the core and what Python sees of it, mostly.
const MOST: usize = 10;
