//! Every open order of an account, for actions on all of them.

use cnop_api::Problem;
use cnop_api::trading::{OrderQuery, OrderView, StatusFilter};

use crate::pages::PageRequest;

/// Open orders that are read at once.
const READ_AT_ONCE: u32 = 100;

/// Every open order of the account: at most as many as it may have.
pub(super) async fn open_orders(request: &PageRequest) -> Result<Vec<OrderView>, Problem> {
    let mut open = Vec::new();
    let mut cursor = None;
    loop {
        let status = Some(StatusFilter::Open);
        let query = OrderQuery { status, limit: READ_AT_ONCE, cursor, ..OrderQuery::default() };
        let page = request.services.orders.list(&request.caller, query).await.map_err(Problem::from)?;
        open.extend(page.data);
        cursor = page.next_cursor.filter(|_| page.has_more);
        if cursor.is_none() {
            return Ok(open);
        }
    }
}
