fn main() {
    let _ = soft_delete::retention_plan!();
}
