//! Writes a module in the text format as binary, for engines that read nothing else: `assemble IN OUT`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = &files[..] else {
        return Err("usage: assemble IN OUT".into());
    };
    std::fs::write(to, wat::parse_file(from)?)?;
    Ok(())
}
