fn main() {
    let _ = modeldex::model!("kimi-codng/kimi-k2.5");
}
