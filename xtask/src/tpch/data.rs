//! The rows of TPC-H, as its generator writes them.

use std::{fmt::Display, io::Write as _};

use anyhow::{Context, Result};
use postgres::Client;
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator,
    PartSuppGenerator, RegionGenerator, SupplierGenerator,
};

/// Copies the rows of a table into it and returns their number.
pub(super) fn copy(client: &mut Client, table: &str, columns: &str, scale: f64) -> Result<u64> {
    let rows =
        rows(table, scale).with_context(|| format!("TPC-H has no table of the name {table}"))?;
    let mut writer = client.copy_in(&format!(
        "COPY {table} ({columns}) FROM STDIN (DELIMITER '|')"
    ))?;
    for row in rows {
        // The generator ends each field with the delimiter, the last one too.
        writeln!(writer, "{}", row.trim_end_matches('|'))?;
    }
    Ok(writer.finish()?)
}

fn rows(table: &str, scale: f64) -> Option<Box<dyn Iterator<Item = String>>> {
    Some(match table {
        "customer" => texts(CustomerGenerator::new(scale, 1, 1).iter()),
        "lineitem" => texts(LineItemGenerator::new(scale, 1, 1).iter()),
        "nation" => texts(NationGenerator::new(scale, 1, 1).iter()),
        "orders" => texts(OrderGenerator::new(scale, 1, 1).iter()),
        "part" => texts(PartGenerator::new(scale, 1, 1).iter()),
        "partsupp" => texts(PartSuppGenerator::new(scale, 1, 1).iter()),
        "region" => texts(RegionGenerator::new(scale, 1, 1).iter()),
        "supplier" => texts(SupplierGenerator::new(scale, 1, 1).iter()),
        _ => return None,
    })
}

fn texts<T: Display>(rows: impl Iterator<Item = T> + 'static) -> Box<dyn Iterator<Item = String>> {
    Box::new(rows.map(|row| row.to_string()))
}
