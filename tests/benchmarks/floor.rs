//! The floor: the same requests by bare reqwest, without Python. `floor CASE URL COUNT`; what it takes is measured from
//! outside.
use std::error::Error;

use futures_util::future::join_all;

const ASK: &str = r#"{"model":"gpt-5","input":"Hello!"}"#;

async fn ask(client: &reqwest::Client, url: &str) -> reqwest::Result<usize> {
    let request = client.post(url).header("authorization", "Bearer sk-benchmark");
    let reply = request.header("content-type", "application/json").body(ASK).send().await?;
    Ok(reply.error_for_status()?.bytes().await?.len())
}

/// Counts the blank lines of a stream, in which its events end.
async fn stream(client: &reqwest::Client, url: &str) -> reqwest::Result<usize> {
    let mut reply = client.post(url).header("content-type", "application/json").body(ASK).send().await?;
    let (mut events, mut last) = (0, 0);
    while let Some(chunk) = reply.chunk().await? {
        for byte in chunk {
            events += usize::from(byte == b'\n' && last == b'\n');
            last = byte;
        }
    }
    Ok(events)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().collect();
    let [_, case, url, count] = &arguments[..] else { return Err("floor CASE URL COUNT".into()) };
    let (url, count) = (format!("{url}/v1/responses"), count.parse::<usize>()?);
    let client = reqwest::Client::builder().http1_only().no_proxy().build()?;
    let mut done = 0;
    // "async 64": so many at a time.
    let (name, flight) = case.rsplit_once(' ').and_then(|(name, n)| Some((name, n.parse().ok()?))).unwrap_or((case, 1));
    match (name, flight) {
        ("sync", _) => {
            for _ in 0..count {
                ask(&client, &url).await?;
                done += 1;
            }
        }
        ("stream" | "async stream", _) => {
            for _ in 0..count {
                done += stream(&client, &url).await?;
            }
        }
        ("async", flight) => {
            let each = count.div_ceil(flight);
            let task = async || -> reqwest::Result<usize> {
                for _ in 0..each {
                    ask(&client, &url).await?;
                }
                Ok(each)
            };
            for result in join_all((0..flight).map(|_| task())).await {
                done += result?;
            }
        }
        ("streams", flight) => {
            for result in join_all((0..flight).map(|_| stream(&client, &url))).await {
                done += result?;
            }
        }
        _ => return Err(format!("no case {case:?}").into()),
    }
    println!("{done}");
    Ok(())
}
