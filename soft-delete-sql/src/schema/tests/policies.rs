//! What `references` and `accept` name is in the migrations.

use std::path::Path;

use crate::{
    Dialect,
    schema::{self, Config},
};

const SHOP: &str = "CREATE TABLE contacts (id BIGINT PRIMARY KEY, email TEXT UNIQUE, deleted_at TIMESTAMP);
    CREATE TABLE orders (id BIGINT PRIMARY KEY, contact_id BIGINT REFERENCES contacts, billed_to BIGINT REFERENCES contacts);
    CREATE TABLE crm.leads (contact_id BIGINT REFERENCES public.contacts);
    CREATE TABLE notes (id BIGINT PRIMARY KEY, contact_id BIGINT);";

fn faults(toml: &str) -> String {
    let config = Config::parse(toml, Path::new("soft-delete.toml")).unwrap();
    match schema::from_sql(Dialect::Postgres, SHOP, &config) {
        Ok(_) => String::new(),
        Err(faults) => {
            let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
            texts.join("\n")
        }
    }
}

#[test]
fn a_policy_is_for_a_table_or_for_one_of_its_foreign_keys() {
    let toml = "[tables.contacts.references]
orders.billed_to = \"keep\"
orders.contact_id = \"keep\"
\"crm.leads\" = \"keep\"
";
    assert_eq!(faults(toml), "");
    assert_eq!(
        faults("[tables.contacts.references]\norders = \"keep\"\nleads = \"keep\""),
        ""
    );
}

#[test]
fn a_policy_for_what_does_not_reference_the_table_is_told() {
    let toml = "[tables.contacts.references]
order = \"keep\"
notes = \"keep\"
orders.biled_to = \"keep\"
[tables.notes.references]
orders = \"keep\"
";
    assert_eq!(
        faults(toml),
        "soft-delete.toml:1: `notes` has no foreign key to `contacts` [SD032]

  help: expected one of `crm.leads`, `crm.leads.contact_id`, `orders`, `orders.billed_to`, `orders.contact_id`
soft-delete.toml:1: no migration creates the table `order` [SD032]

  help: did you mean `orders`?
soft-delete.toml:1: no foreign key of `orders` to `contacts` begins with `biled_to` [SD032]

  help: did you mean `orders.billed_to`?
soft-delete.toml:5: `orders` has no foreign key to `notes` [SD032]

  help: no table of the schema references it: leave the entry out"
    );
}

#[test]
fn what_is_accepted_of_something_the_table_does_not_have_is_told() {
    let toml = "[tables.contacts.accept]
counts_tombstones.contacts_emial_key = \"never used again\"
";
    assert_eq!(
        faults(toml),
        "soft-delete.toml:1: `contacts` has nothing named `contacts_emial_key` to accept [SD032]

  help: did you mean `contacts_email_key`?"
    );
}
