fn main() {
    let _ = modeldex::model!("kimi-coding/k2p6");
}
