include!("../../queries.rs");
