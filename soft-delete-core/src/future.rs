//! The futures of a query.
//!
//! Named, so that they cost no allocation of their own and a wrong executor is one error and not
//! one for the call, one for the future and one for the `.await`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{future::BoxFuture, stream::BoxStream};
use futures_util::{TryStreamExt, stream::TryCollect};
use sqlx::Database;

use crate::query::Mapper;

/// The future of [`ScopedQuery::fetch_all`](crate::ScopedQuery::fetch_all).
#[must_use = "futures do nothing unless awaited"]
pub struct FetchAll<'e, O>(TryCollect<BoxStream<'e, sqlx::Result<O>>, Vec<O>>);

impl<'e, O> FetchAll<'e, O> {
    pub(crate) fn new(rows: BoxStream<'e, sqlx::Result<O>>) -> Self {
        Self(rows.try_collect())
    }
}

impl<O> Future for FetchAll<'_, O> {
    type Output = sqlx::Result<Vec<O>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

/// The future of [`ScopedQuery::fetch_optional`](crate::ScopedQuery::fetch_optional).
#[must_use = "futures do nothing unless awaited"]
pub struct FetchOptional<'e, DB: Database, O> {
    row: BoxFuture<'e, sqlx::Result<Option<DB::Row>>>,
    mapper: Mapper<DB, O>,
}

impl<'e, DB: Database, O> FetchOptional<'e, DB, O> {
    pub(crate) fn new(
        row: BoxFuture<'e, sqlx::Result<Option<DB::Row>>>,
        mapper: Mapper<DB, O>,
    ) -> Self {
        Self { row, mapper }
    }
}

impl<DB: Database, O> Future for FetchOptional<'_, DB, O> {
    type Output = sqlx::Result<Option<O>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let row = ready!(self.row.as_mut().poll(context))?;
        Poll::Ready(row.map(|row| self.mapper.map(row)).transpose())
    }
}

/// The future of [`ScopedQuery::fetch_one`](crate::ScopedQuery::fetch_one).
#[must_use = "futures do nothing unless awaited"]
pub struct FetchOne<'e, DB: Database, O>(FetchOptional<'e, DB, O>);

impl<'e, DB: Database, O> FetchOne<'e, DB, O> {
    pub(crate) fn new(row: FetchOptional<'e, DB, O>) -> Self {
        Self(row)
    }
}

impl<DB: Database, O> Future for FetchOne<'_, DB, O> {
    type Output = sqlx::Result<O>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let row = ready!(Pin::new(&mut self.0).poll(context))?;
        Poll::Ready(row.ok_or(sqlx::Error::RowNotFound))
    }
}

impl<O> fmt::Debug for FetchAll<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchAll").finish_non_exhaustive()
    }
}

impl<DB: Database, O> fmt::Debug for FetchOptional<'_, DB, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOptional").finish_non_exhaustive()
    }
}

impl<DB: Database, O> fmt::Debug for FetchOne<'_, DB, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchOne").finish_non_exhaustive()
    }
}
