"""Logs as shops and publishers write them: each in its own files, each with the value that an independent reading gives."""

# ruff: noqa: E501 (headers of exports are as long as they are)

import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segrec.data import Dataset, Layout, read_dataset, recognise
from segrec.data.summary import check_text

EXPORTS = Path(__file__).parent / "exports"
NOW = "2026-01-01"


def frame_of(shop: Dataset) -> pd.DataFrame:
    events = shop.events.execute()
    for name in ("quantity", "price"):
        if name not in events:
            events[name] = float("nan")
    return events.assign(quantity=events.quantity.fillna(1))


def kept_money(shop: Dataset) -> dict[str, float]:
    "Money a customer: purchases less what came back."
    events = frame_of(shop)
    sign = events.event.map({"purchase": 1, "return": -1}).fillna(0)
    return (sign * events.quantity * events.price.fillna(0)).groupby(events.customer_id).sum().round(4).to_dict()


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding)
    return path


def told(shop: Dataset) -> dict[str, int]:
    "Rules that had something to do, and how many rows."
    report = shop.ingest_report.query("rows > 0")
    return dict(zip(report.rule, report.rows, strict=True))


# The fourteen exports.


def test_joined_months() -> None:
    shop = read_dataset(EXPORTS / "joined_months")
    assert shop.summary.n_events == 2200 and shop.n_rows_in == 2201
    assert told(shop)["changed_header"] == 1


@pytest.mark.parametrize("name", ["updated_at", "Last Modified", "exportiert am", "date_modified_gmt"])
def test_when_a_line_was_exported_makes_it_no_other(name: str, tmp_path: Path) -> None:
    lines = pd.DataFrame(
        [(f"o{n // 2}", f"c{n % 7}", f"s{n % 5}", f"2024-0{1 + n // 20}-{1 + n % 20:02d} 10:00:0{n % 10}", 2, 2.5) for n in range(60)],
        columns=["order_id", "customer_id", "item_id", "timestamp", "quantity", "price"],
    )
    lines.head(40).assign(**{name: "2024-03-01 00:00:00"}).to_csv(tmp_path / "orders_1.csv", index=False)
    lines.tail(30).assign(**{name: "2024-04-01 00:00:00"}).to_csv(tmp_path / "orders_2.csv", index=False)
    shop = read_dataset(tmp_path)
    assert shop.n_rows_in == 70 and shop.summary.n_events == 60 and told(shop)["duplicate_line"] == 10
    assert name in shop.source_columns.query("read_as == ''").column.tolist()


def test_looks_that_differ_in_when_they_were_written_are_two(tmp_path: Path) -> None:
    looks = pd.DataFrame(
        [(f"c{n % 7}", f"s{n % 5}", "view", "2024-01-05", f"2024-01-05 10:{n:02d}") for n in range(40)],
        columns=["customer_id", "item_id", "event", "timestamp", "updated_at"],
    )
    looks.to_csv(tmp_path / "looks.csv", index=False)
    assert read_dataset(tmp_path / "looks.csv").summary.n_events == 40   # without orders
    sale = looks.head(1).assign(event="purchase", order_id="o1", quantity=1, price=2.0)
    pd.concat([looks, sale, sale.assign(updated_at="2024-02-01 00:00")]).to_csv(tmp_path / "both.csv", index=False)
    assert read_dataset(tmp_path / "both.csv").event_counts.to_dict() == {"view": 40, "purchase": 1}


def test_dotted_ids() -> None:
    shop = read_dataset(EXPORTS / "dotted_ids")
    joined = shop.events.inner_join(shop.items, "item_id").execute()
    assert len(joined) == 3 and joined.category.tolist().count("coats") == 1
    assert shop.customers.execute().age.tolist() == [30, 40] and shop.items.count().execute() == 4


def test_line_a_unit() -> None:
    shop = read_dataset(EXPORTS / "line_a_unit.csv")
    assert kept_money(shop) == {"c1": 50, "c2": 20} and shop.summary.n_events == 5 and "duplicate_line" not in told(shop)


def test_refunds() -> None:
    from segrec.segmentation import customer_features

    shop = read_dataset(EXPORTS / "refunds.csv")
    assert shop.event_counts.to_dict() == {"purchase": 2, "return": 2}
    assert customer_features(shop, features=["return_rate"]).return_rate.tolist() == [0.5, 0.5]


def test_thousands() -> None:
    money = pd.Series(kept_money(read_dataset(EXPORTS / "thousands.csv")))
    assert money.sum() == 28_060 and {*money.nlargest(4).index} == {"c36", "c37", "c38", "c39"}


def test_semicolons() -> None:
    shop = read_dataset(EXPORTS / "semicolons.csv")
    events = frame_of(shop)
    assert len(events) == 100 and shop.n_rows_aside == 0 and events.price.sum() == 546
    assert str(events.timestamp.min().date()) == "2024-01-01" and str(events.timestamp.max().date()) == "2024-01-28"
    assert shop.items.execute().title.unique().tolist() == ["Kaffee, groß"]


def test_other_words() -> None:
    shop = read_dataset(EXPORTS / "other_words.csv")
    events = shop.events.execute()
    assert shop.event_counts.to_dict() == {"view": 3, "purchase": 2, "cart": 1}
    assert {*events.order_id.dropna()} == {"41", "42"} and {str(day) for day in events.timestamp.dt.date} == {"2015-05-30"}


def test_line_totals() -> None:
    shop = read_dataset(EXPORTS / "line_totals.csv")
    assert kept_money(shop) == {"CUST0000000001": 3.5, "CUST0000000002": 4}
    assert told(shop) == {"missing_customer": 1}
    assert shop.events.timestamp.min().execute() == pd.Timestamp("2006-04-10 10:00")


def test_guests() -> None:
    shop = read_dataset(EXPORTS / "guests.csv")
    assert shop.nobody_ids == ["0"] and told(shop)["nobody"] == 262 and "0" not in kept_money(shop)
    assert shop.ingest_report.query("rule == 'nobody' and table == 'events'").money_share.iloc[0] > 0.4


def test_flat_clickstream() -> None:
    shop = read_dataset(EXPORTS / "flat_clickstream.csv")
    assert shop.event_counts.to_dict() == {"view": 2, "cart": 1, "purchase": 1} and shop.n_rows_in == 6
    assert told(shop) == {"short_line": 1, "other_event": 1}
    items = shop.items.execute().set_index("item_id")
    assert items.category["50000002"] == "appliances.water_heater" and items.brand["50000001"] == "brand_a"


def test_millions() -> None:
    shop = read_dataset(EXPORTS / "millions.csv")
    assert shop.n_rows_aside == 0 and sum(kept_money(shop).values()) == 908_700_000


def test_order_export() -> None:
    shop = read_dataset(EXPORTS / "order_export.csv", now=NOW)
    assert kept_money(shop) == {"ada@example.com": 68, "bob@example.com": 0}
    ada = shop.events.execute().query("customer_id == 'ada@example.com'")
    assert ada.order_id.nunique() == 2 and round((ada.discount * ada.quantity).sum(), 9) == 5
    assert "Gift wrap" in ada.item_id.tolist() and shop.n_rows_in == 7 and shop.n_rows_aside == 2
    assert shop.layout.currency == "USD" and "not_kept" in told(shop)


def test_what_an_orders_first_line_says_holds_for_all_of_its_lines(tmp_path: Path) -> None:
    text = (EXPORTS / "order_export.csv").read_text().replace("#1001,ada@example.com,,", "#1001,,,")
    shop = read_dataset(write(tmp_path, "orders.csv", text), now=NOW)
    assert kept_money(shop) == {"ada@example.com": 68, "bob@example.com": 0} and shop.n_rows_aside == 2


def test_parts() -> None:
    shop = read_dataset(EXPORTS / "parts")
    assert shop.summary.n_events == 4 and sum(kept_money(shop).values()) == 29.5
    assert shop.events.price.isnull().sum().execute() == 2


# Known layouts, as their publishers describe them.


def test_rees46(tmp_path: Path) -> None:
    header = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
    for month, rows in {
        "Oct": "2019-10-31 23:00:00 UTC,view,5,21,a.b,acme,1.50,7,s\n",
        "Nov": "2019-11-01 00:00:00 UTC,purchase,5,21,a.b,acme,1.50,7,s\n",
    }.items():
        write(tmp_path, f"2019-{month}.csv", header + rows)
    shop = read_dataset(tmp_path)
    assert shop.layout.layout == "rees46" and shop.event_counts.to_dict() == {"purchase": 1, "view": 1}
    assert shop.items.execute().category.tolist() == ["a.b"]


def test_retail_rocket(tmp_path: Path) -> None:
    write(
        tmp_path,
        "events.csv",
        "timestamp,visitorid,event,itemid,transactionid\n1433221332117,7,view,5,\n1433221342117,7,transaction,5,41\n",
    )
    for part in (1, 2):
        write(
            tmp_path,
            f"item_properties_part{part}.csv",
            f"timestamp,itemid,property,value\n143000000000{part},5,categoryid,{part}0\n1430000000000,5,888,x\n",
        )
    write(tmp_path, "category_tree.csv", "categoryid,parentid\n20,2\n10,1\n")
    shop = read_dataset(tmp_path)
    item = shop.items.execute().iloc[0]
    assert shop.layout.layout == "retail_rocket" and item.category == "20" and item.parent_category_id == "2"
    assert shop.summary.n_purchases == 1


def olist(folder: Path) -> Path:
    write(
        folder,
        "olist_orders_dataset.csv",
        (
            "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at\n"
            "o1,x1,delivered,2018-01-03 10:00:00,\no2,x2,delivered,2018-02-03 23:30:00,\no3,x3,canceled,2018-02-04 10:00:00,\no4,x4,unavailable,2018-02-05 10:00:00,\n"
        ),
    )
    write(
        folder,
        "olist_order_items_dataset.csv",
        (
            "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
            "o1,1,p1,s,2018-01-09,10.00,1\no1,2,p1,s,2018-01-09,10.00,1\no2,1,p2,s,2018-02-09,20.00,1\no3,1,p2,s,2018-02-09,20.00,1\n"
        ),
    )
    write(
        folder,
        "olist_customers_dataset.csv",
        (
            "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
            "x1,ana,01001,sao paulo,SP\nx2,ana,01001,sao paulo,SP\nx3,bia,20000,rio,RJ\nx4,bia,20000,rio,RJ\n"
        ),
    )
    write(
        folder,
        "olist_products_dataset.csv",
        "product_id,product_category_name,product_weight_g\np1,beleza_saude,5\np2,brinquedos,7\n",
    )
    write(
        folder,
        "product_category_name_translation.csv",
        "product_category_name,product_category_name_english\nbeleza_saude,health_beauty\n",
    )
    write(
        folder,
        "olist_order_payments_dataset.csv",
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\no1,1,card,1,21\n",
    )
    return folder


def test_olist(tmp_path: Path) -> None:
    shop = read_dataset(olist(tmp_path))
    assert kept_money(shop) == {"ana": 40} and shop.layout.layout == "olist"
    assert shop.n_rows_in == 5 and shop.n_rows_aside == 2  # a canceled line, and an order without any
    items = shop.items.execute().set_index("item_id").category
    assert items.to_dict() == {"p1": "health_beauty", "p2": "brinquedos"}
    assert shop.customers.execute().set_index("customer_id").customer_state["ana"] == "SP"
    assert shop.time_zone == "America/Sao_Paulo" and str(shop.events.timestamp.min().execute()) == "2018-01-03 12:00:00"
    files = shop.source_files
    assert files.not_read[files.file == "olist_order_payments_dataset.csv"].tolist() == ["not_used"]


def test_h_and_m(tmp_path: Path) -> None:
    write(
        tmp_path,
        "transactions_train.csv",
        "t_dat,customer_id,article_id,price,sales_channel_id\n"
        + "2018-09-20,c1,0663713001,0.0508,2\n" * 2
        + "2018-09-21,c2,0541518023,0.03,1\n",
    )
    write(
        tmp_path,
        "articles.csv",
        "article_id,product_code,prod_name,product_type_name,product_group_name\n0663713001,0663713,Top,Vest,Upper body\n0541518023,0541518,Sock,Socks,Socks\n",
    )
    write(
        tmp_path,
        "customers.csv",
        "customer_id,FN,Active,club_member_status,fashion_news_frequency,age,postal_code\nc1,,,ACTIVE,NONE,49,x\nc2,1,1,ACTIVE,NONE,25,y\n",
    )
    shop = read_dataset(tmp_path)
    assert shop.summary.n_purchases == 3 and shop.layout.layout == "h_and_m"
    assert shop.items.execute().set_index("item_id").category["0663713001"] == "Upper body"
    assert shop.customers.execute().set_index("customer_id").age.to_dict() == {"c1": 49, "c2": 25}


def test_instacart(tmp_path: Path) -> None:
    write(
        tmp_path,
        "orders.csv",
        "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order\n1,7,prior,1,2,08,\n2,7,prior,2,4,10,9.0\n3,7,train,3,4,11,14.0\n4,8,prior,1,0,12,\n",
    )
    write(
        tmp_path,
        "order_products__prior.csv",
        "order_id,product_id,add_to_cart_order,reordered\n1,196,1,0\n1,200,2,0\n2,196,1,1\n4,200,1,0\n",
    )
    write(tmp_path, "order_products__train.csv", "order_id,product_id,add_to_cart_order,reordered\n3,196,1,1\n")
    write(tmp_path, "products.csv", "product_id,product_name,aisle_id,department_id\n196,Soda,77,7\n200,Tea,94,7\n")
    write(tmp_path, "aisles.csv", "aisle_id,aisle\n77,soft drinks\n94,tea\n")
    write(tmp_path, "departments.csv", "department_id,department\n7,beverages\n")
    shop = read_dataset(tmp_path)
    events = shop.events.execute().sort_values(["customer_id", "timestamp"])
    assert len(events) == 5 and shop.layout.layout == "instacart"
    days = events[(events.customer_id == "7") & (events.item_id == "196")].timestamp
    assert [(later - days.iloc[0].normalize()).days for later in days] == [0, 9, 23]
    assert shop.items.execute().set_index("item_id").category.to_dict() == {"196": "soft drinks", "200": "tea"}


def test_complete_journey_raw(tmp_path: Path) -> None:
    write(
        tmp_path,
        "transaction_data.csv",
        (
            "household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY,SALES_VALUE,STORE_ID,RETAIL_DISC,TRANS_TIME,WEEK_NO,COUPON_DISC,COUPON_MATCH_DISC\n"
            "2375,26984851472,1,1004906,1,1.39,364,-0.60,1631,1,0,0\n2375,26984851472,1,1033142,2,1.64,364,0,1631,1,0,0\n1364,26984896261,3,1033142,1,.82,31742,0,0905,1,0,0\n"
        ),
    )
    write(
        tmp_path,
        "product.csv",
        "PRODUCT_ID,MANUFACTURER,DEPARTMENT,BRAND,COMMODITY_DESC,SUB_COMMODITY_DESC,CURR_SIZE_OF_PRODUCT\n1004906,69,PRODUCE,Private,POTATOES,RUSSET,5 LB\n1033142,2,PRODUCE,National,ONIONS,SWEET,40 LB\n",
    )
    write(
        tmp_path,
        "hh_demographic.csv",
        "AGE_DESC,MARITAL_STATUS_CODE,INCOME_DESC,HOMEOWNER_DESC,HH_COMP_DESC,HOUSEHOLD_SIZE_DESC,KID_CATEGORY_DESC,household_key\n65+,A,35-49K,Homeowner,2 Adults,2,None,2375\n",
    )
    write(tmp_path, "campaign_desc.csv", "DESCRIPTION,CAMPAIGN,START_DAY,END_DAY\nTypeB,24,659,719\n")
    shop = read_dataset(tmp_path)
    events = shop.events.execute().sort_values(["timestamp", "item_id"], ignore_index=True)
    assert kept_money(shop) == {"1364": 0.82, "2375": 3.03} and shop.layout.layout == "complete_journey"
    assert events.discount[0] == 0.6 and events.timestamp.dt.strftime("%H:%M").tolist() == ["16:31", "16:31", "09:05"]
    assert (events.timestamp[2].normalize() - events.timestamp[0].normalize()).days == 2
    assert shop.items.execute().set_index("item_id").category["1033142"] == "ONIONS"


def test_sort_of_real(tmp_path: Path) -> None:
    header = "SHOP_WEEK,SHOP_DATE,SHOP_WEEKDAY,SHOP_HOUR,QUANTITY,SPEND,PROD_CODE,PROD_CODE_10,PROD_CODE_20,PROD_CODE_30,PROD_CODE_40,CUST_CODE,CUST_PRICE_SENSITIVITY,CUST_LIFESTAGE,BASKET_ID,BASKET_SIZE,STORE_CODE\n"
    for week, row in {
        "200607": "200607,20060413,5,20,4,4.12,PRD1,CL1,DEP1,G1,D1,CUST1,LA,YF,9941,L,STORE1\n",
        "200608": "200608,20060419,5,8,1,1.03,PRD1,CL1,DEP1,G1,D1,CUST1,LA,YF,9942,L,STORE1\n",
    }.items():
        write(tmp_path, f"transactions_{week}.csv", header + row)
    shop = read_dataset(tmp_path)
    events = shop.events.execute().sort_values("timestamp")
    assert events.price.round(4).tolist() == [1.03, 1.03] and events.timestamp.astype(str).tolist() == [
        "2006-04-13 20:00:00",
        "2006-04-19 08:00:00",
    ]


def test_ta_feng(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "ta_feng_all_months_merged.csv",
        (
            '"TRANSACTION_DT","CUSTOMER_ID","AGE_GROUP","PIN_CODE","PRODUCT_SUBCLASS","PRODUCT_ID","AMOUNT","ASSET","SALES_PRICE"\n'
            '"11/1/2000","01104905","45-49","115","110411","4710199010372","2","24","30"\n"11/13/2000","00418683","45-49","115","120107","4710857472535","1","48","46"\n'
        ),
    )
    shop = read_dataset(path)
    events = shop.events.execute().set_index("customer_id")
    assert events.price["01104905"] == 15 and str(events.timestamp["01104905"].date()) == "2000-11-01"
    assert shop.customers.execute().set_index("customer_id").age_group["01104905"] == "45-49"


def test_woocommerce(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "orders.csv",
        (
            "order_id,order_number,date,status,order_total,refunded_total,order_currency,customer_id,billing_email,item_id,item_name,item_sku,item_quantity,item_total\n"
            "9,1009,2024-05-01 10:00:00,completed,30,0,EUR,0,Ann@x.org,771,Mug,MUG-1,2,20.00\n9,1009,2024-05-01 10:00:00,completed,30,0,EUR,0,Ann@x.org,772,Card,,1,10.00\n"
            "10,1010,2024-05-02 10:00:00,refunded,20,20,EUR,5,bo@x.org,773,Mug,MUG-1,2,20.00\n11,1011,2024-05-03 10:00:00,cancelled,20,0,EUR,5,bo@x.org,774,Mug,MUG-1,2,20.00\n"
            "12,1012,2024-05-04 10:00:00,completed,40,10,EUR,5,bo@x.org,775,Mug,MUG-1,4,40.00\n"
        ),
    )
    shop = read_dataset(path)
    assert kept_money(shop) == {"ann@x.org": 30, "bo@x.org": 30} and told(shop)["not_kept"] == 1
    assert {*shop.items.execute().item_id} == {"MUG-1", "Card"}


def test_square(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "items-2024.csv",
        (
            "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name\n"
            '2024-01-05,10:05:00,Eastern Time (US & Canada),Drinks,Coffee,2.0,Regular,C1,,"$1,008.00",-$8.00,"$1,000.00",$0.00,T1,P1,,,,Payment,Main,,CU1,Ann\n'
            "2024-01-06,15:05:00,Eastern Time (US & Canada),Drinks,Tea,1.0,Regular,,,$4.00,$0.00,$4.00,$0.00,T2,P2,,,,Payment,Main,,CU2,Bo\n"
            "2024-01-07,15:05:00,Eastern Time (US & Canada),Drinks,Tea,-1.0,Regular,,,-$4.00,$0.00,-$4.00,$0.00,T3,P3,,,,Refund,Main,,CU2,Bo\n"
        ),
    )
    shop = read_dataset(path)
    events = shop.events.execute().sort_values("timestamp")
    assert kept_money(shop) == {"CU1": 1000, "CU2": 0} and events.discount.tolist()[0] == 4
    assert events.event.tolist() == ["purchase", "purchase", "return"] and "Tea" in events.item_id.tolist()


GA4 = [
    {
        "event_date": "20210105",
        "event_timestamp": 1609841100000000,
        "event_name": "page_view",
        "user_id": None,
        "user_pseudo_id": "1.2",
        "ecommerce": None,
        "items": [],
    },
    {
        "event_date": "20210105",
        "event_timestamp": 1609841160000000,
        "event_name": "view_item",
        "user_id": None,
        "user_pseudo_id": "1.2",
        "ecommerce": None,
        "items": [
            {
                "item_id": "G1",
                "item_name": "Tee",
                "item_brand": "Google",
                "item_category": "Apparel",
                "price": 20.0,
                "quantity": None,
            }
        ],
    },
    {
        "event_date": "20210105",
        "event_timestamp": 1609841220000000,
        "event_name": "purchase",
        "user_id": "ann",
        "user_pseudo_id": "1.2",
        "ecommerce": {"transaction_id": "T9", "purchase_revenue": 44.0},
        "items": [
            {
                "item_id": "G1",
                "item_name": "Tee",
                "item_brand": "Google",
                "item_category": "Apparel",
                "price": 20.0,
                "quantity": 2,
            },
            {
                "item_id": "G2",
                "item_name": "Pen",
                "item_brand": "Google",
                "item_category": "Office",
                "price": 4.0,
                "quantity": 1,
            },
        ],
    },
]


@pytest.mark.parametrize("kind", ["parquet", "json"])
def test_ga4(tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(GA4), tmp_path / "events_20210105.parquet")
    else:
        rows = [{**row, "event_timestamp": str(row["event_timestamp"])} for row in GA4]
        write(tmp_path, "events_20210105.json", "\n".join(map(json.dumps, rows)) + "\n")
    for source in (tmp_path, next(tmp_path.iterdir())):
        shop = read_dataset(source)
        events = shop.events.execute()
        assert kept_money(shop)["ann"] == 44 and shop.event_counts.to_dict() == {"purchase": 2, "view": 1}
        assert {*events.order_id.dropna()} == {"T9"} and str(events.timestamp.min()) == "2021-01-05 10:06:00"
        assert shop.items.execute().set_index("item_id").title.to_dict() == {"G1": "Tee", "G2": "Pen"} and shop.n_rows_in == 4


def test_segment(tmp_path: Path) -> None:
    rows = [
        {"type": "identify", "userId": "ann", "timestamp": "2024-01-05T09:00:00.000Z"},
        {
            "type": "track",
            "event": "Product Viewed",
            "anonymousId": "a-1",
            "timestamp": "2024-01-05T10:00:00.000Z",
            "properties": {"product_id": "00123", "name": "Mug", "price": 10},
        },
        {
            "type": "track",
            "event": "Order Completed",
            "userId": "ann",
            "timestamp": "2024-01-05T11:00:00+01:00",
            "properties": {
                "order_id": "50314b8e",
                "discount": 3,
                "currency": "USD",
                "products": [
                    {"product_id": "00123", "sku": "G-32", "price": 10, "quantity": 2},
                    {"product_id": "7", "price": 10, "quantity": 1},
                ],
            },
        },
    ]
    path = write(tmp_path, "track.jsonl", "\n".join(map(json.dumps, rows)) + '\n{"type": "tra')
    shop = read_dataset(path)
    assert kept_money(shop) == {"a-1": 0, "ann": 27} and shop.event_counts.to_dict() == {"purchase": 2, "view": 1}
    assert told(shop)["no_object"] == 1 and shop.events.timestamp.max().execute() == pd.Timestamp("2024-01-05 10:00")


def test_online_retail(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "online_retail.csv",
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n489434,85048,LIGHTS,12,12/1/2009 7:45,6.95,13085.0,UK\nC489449,85048,LIGHTS,-2,12/21/2009 10:33,6.95,13085.0,UK\n",
    )
    shop = read_dataset(path)
    assert kept_money(shop) == {"13085": 69.5}


HEADERS = {
    "en": "Customer No;Product Code;Order Date;Unit Price;Qty;Order Number;Category",
    "de": "Kundennummer;Artikelnr;Bestelldatum;Einzelpreis;Stückzahl;Bestellnummer;Warengruppe",
    "fr": "N° client;Référence produit;Date de commande;Prix unitaire;Quantité;N° commande;Catégorie",
    "es": "Código cliente;Código producto;Fecha de pedido;Precio unitario;Cantidad;N° pedido;Categoría",
}


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_headers(tmp_path: Path, language: str, encoding: str) -> None:
    rows = "\n".join(
        f"k{i % 3};0{i % 4}7;{1 + i}.01.2024;{i + 1},50;{1 + i % 2};B{i};Süßes und Brötchen für zwei" for i in range(20)
    )
    shop = read_dataset(write(tmp_path, "log.csv", HEADERS[language] + "\n" + rows + "\n", encoding))
    events = shop.events.execute()
    assert len(events) == 20 and events.price.sum() == sum(i + 1.5 for i in range(20)) and events.quantity.sum() == 30
    assert {*events.item_id} == {"007", "017", "027", "037"} and events.order_id.nunique() == 20
    assert shop.items.execute().category.unique().tolist() == ["Süßes und Brötchen für zwei"]


def test_check_names_what_was_recognised(tmp_path: Path) -> None:
    text = check_text(read_dataset(EXPORTS / "semicolons.csv"), "semicolons.csv")
    assert "Kunde -> customer_id" in text and "Bezeichnung -> title" in text


# Questions.


def test_ambiguous_days_are_asked(tmp_path: Path) -> None:
    path = write(
        tmp_path, "log.csv", "Customer,SKU,Date,Price\n" + "".join(f"c{i},i,0{1 + i}/0{2 + i}/2024,5\n" for i in range(5))
    )
    with pytest.raises(ValueError, match="day_first") as error:
        read_dataset(path)
    assert "-o events.day_first=true" in str(error.value) and "[events] in shop.toml" in str(error.value)
    first = read_dataset(path, layout=Layout(events={"day_first": True})).events.timestamp.min().execute()
    assert str(first.date()) == "2024-02-01"
    assert (
        str(read_dataset(path, layout=Layout().with_key("day_first", False)).events.timestamp.min().execute().date())
        == "2024-01-02"
    )


def test_all_questions_come_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path, "log.csv", "Customer;SKU;Date;Price;Currency\nc1;i;01/02/2024;1.299;EUR\nc2;i;03/04/2024;2.599;USD\n"
    )
    with pytest.raises(ValueError, match="3 questions decide") as error:
        read_dataset(path)
    assert all(word in str(error.value) for word in ("3 questions", "day_first", "decimal", "currency"))
    layout = Layout(currency="EUR", events={"decimal": ",", "day_first": True})
    shop = read_dataset(path, layout=layout)
    assert kept_money(shop) == {"c1": 1299} and told(shop) == {"other_currency": 1}
    assert recognise(path).questions[0].key == "events.decimal"


def test_purchases_that_were_all_set_aside_are_an_error(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "log.csv",
        "customer_id,item_id,event,timestamp\nc1,i,view,2024-01-01 10:00:00\nc1,i,erworben,2024-01-01 11:00:00\n",
    )
    with pytest.raises(ValueError, match="erworben") as error:
        read_dataset(path)
    assert "-o events.words.erworben=purchase" in str(error.value)
    shop = read_dataset(path, layout=Layout(events={"words": {"erworben": "purchase"}}))
    assert shop.event_counts.to_dict() == {"purchase": 1, "view": 1}


def test_prices_that_are_words_stop_the_run(tmp_path: Path) -> None:
    rows = "".join(f"c{i},i,2024-01-0{1 + i},{price}\n" for i, price in enumerate(["auf Anfrage", "ask", "?", "gratis", "12.50"]))
    path = write(tmp_path, "log.csv", "customer_id,item_id,timestamp,Preis\n" + rows)
    with pytest.raises(ValueError, match=r"has 4 values that are no numbers"):
        read_dataset(path, columns={"price": "Preis", "event": "purchase"})


def test_numbers_are_no_ids(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "log.csv",
        "customer,client_id,sku,date,price\n" + "".join(f"{i}.75,k{i},s,2024-01-0{1 + i},5\n" for i in range(5)),
    )
    assert {*kept_money(read_dataset(path))} == {f"k{i}" for i in range(5)}


# shop.toml


def test_shop_toml_describes_a_source(tmp_path: Path) -> None:
    for month in ("01", "02"):
        write(
            tmp_path,
            f"log/orders_{month}.csv",
            f"wer;was;wann;preis;art\nk1;a;05.{month}.2024 00:30;1.299,00;x\nk2;a;06.{month}.2024 10:00;5,00;y\nkasse;a;06.{month}.2024 11:00;5,00;y\n",
        )
    write(
        tmp_path,
        "shop.toml",
        """\
name = "Laden"
time_zone = "Europe/Berlin"
currency = "EUR"
[events]
files = ["log/orders_*.csv"]
event = "purchase"
nobody = ["kasse"]
[events.columns]
customer_id = "wer"
item_id = "was"
timestamp = "wann"
category = "art"
[limits]
max_price = 2000
""",
    )
    for source in (tmp_path, tmp_path / "shop.toml"):
        shop = read_dataset(source)
        assert kept_money(shop) == {"k1": 2598, "k2": 10} and shop.layout.name == "Laden" and shop.time_zone == "Europe/Berlin"
        assert str(shop.events.timestamp.min().execute()) == "2024-01-04 23:30:00" and shop.nobody_ids == ["kasse"]
        assert "category" in shop.items.columns
    assert sum(kept_money(read_dataset(tmp_path, layout=Layout(limits={"max_price": 1000}))).values()) == 10


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tiem_zone = 'UTC'", "time_zone"),
        ("time_zone = 'Europe/Berln'", "Europe/Berlin"),
        ("[events]\nday_frist = true", "day_first"),
        ("[events]\ndecimal = ';'", "decimal"),
        ("[events.columns]\ncustomer_id = 'nope'", "nope"),
        ("[items]\nmoney = 'line'", "money"),
        ("[limits]\nmax_prize = 5", "max_price"),
        ("[calendar]\nclosed = ['x']", "closed"),
        ("[events", "shop.toml"),
        ("[events]\nfiles = ['no*.csv']", "no"),
        ("[events.words]\nx = 'bought'", "purchase"),
        ("[events.keep]\nnope = ['paid']", "nope"),
        ("layout = 'olst'", "olist"),
    ],
)
def test_wrong_lines_of_shop_toml_are_named(tmp_path: Path, line: str, says: str) -> None:
    write(tmp_path, "events.csv", "customer_id,item_id,event,timestamp\nc,i,purchase,2024-01-01 10:00:00\n")
    write(tmp_path, "shop.toml", line + "\n")
    with pytest.raises((ValueError, FileNotFoundError), match=says):
        read_dataset(tmp_path)


def test_what_init_writes_reads_the_same(tmp_path: Path) -> None:
    from segrec.data.layout_file import to_toml

    for name in ("semicolons.csv", "order_export.csv", "flat_clickstream.csv", "line_totals.csv"):
        folder = tmp_path / name.removesuffix(".csv")
        folder.mkdir()
        shutil.copy(EXPORTS / name, folder)
        found = recognise(folder / name)
        layout = found.layout.with_key("events.files", [name])
        (folder / "shop.toml").write_text(to_toml(layout, found.why), encoding="utf-8")
        assert read_dataset(folder / "shop.toml", now=NOW).fingerprint == read_dataset(folder / name, now=NOW).fingerprint
    found = recognise(olist(tmp_path / "olist"))
    (tmp_path / "olist" / "shop.toml").write_text(
        to_toml(found.layout.with_key("events.files", ["*.csv"]), found.why), encoding="utf-8"
    )
    assert kept_money(read_dataset(tmp_path / "olist")) == {"ana": 40}


def test_copies_of_exports_are_the_shared_ones(test_data: Path) -> None:
    for path in sorted((test_data / "exports").rglob("*")):
        if path.is_file() and path.name != "README.md":
            assert (EXPORTS / path.relative_to(test_data / "exports")).read_bytes() == path.read_bytes()


def test_a_currency_may_stand_outside_of_brackets(tmp_path: Path) -> None:
    text = "Kunde;Artikel;Datum;Preis\nk;a;01.01.2024;50,00 €\nk;a;02.01.2024;(25,00) €\nk;a;03.01.2024;€ (5,00)\n"
    assert kept_money(read_dataset(write(tmp_path, "log.csv", text))) == {"k": 20}


def test_items_without_a_number_are_known_by_their_title(tmp_path: Path) -> None:
    shop = read_dataset(write(tmp_path, "log.csv", "Member,Product Name,Purchase Date,Total,Units\n7,Apple,1/31/24,$3.00,3\n7,Pear,2/1/24,$2.00,1\n"))
    assert kept_money(shop) == {"7": 5} and {*shop.events.item_id.execute()} == {"Apple", "Pear"}
    assert "names them" in shop.why["events.columns.item_id"]


@pytest.mark.parametrize(("thousands", "price"), [(".", 1299), ("", 1.299), ("'", 1.299)])
def test_a_mark_of_thousands_that_is_given_decides(tmp_path: Path, thousands: str, price: float) -> None:
    path = write(tmp_path, "log.csv", "Kunde;Artikel;Datum;Preis\nk;a;01.01.2024;1.299\n")
    assert kept_money(read_dataset(path, layout=Layout(events={"thousands": thousands}))) == {"k": price}


def test_two_readings_of_a_catalogues_prices_are_asked(tmp_path: Path) -> None:
    write(tmp_path, "events.csv", "customer_id,item_id,event,timestamp\nk,a,purchase,2024-01-01 10:00:00\n")
    write(tmp_path, "items.csv", 'item_id,price\na,"1,299"\n')
    with pytest.raises(ValueError, match=r"-o items.decimal=,"):
        read_dataset(tmp_path)
    shop = read_dataset(tmp_path, layout=Layout(items={"decimal": "."}))
    assert shop.items.price.execute().tolist() == [1299]


def test_missing_columns_are_named_all_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", "Kunde,x,y,Preis\nk,1,2,5\n")
    with pytest.raises(ValueError, match=r"no column 'item_id' for 'item_id' and no column 'timestamp'.*customer_id = 'Kunde'"):
        read_dataset(path)


def test_what_a_known_layout_makes_up_is_told(tmp_path: Path) -> None:
    write(tmp_path, "orders.csv", "order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order\n1,7,1,2,08,\n")
    write(tmp_path, "lines.csv", "order_id,product_id,add_to_cart_order,reordered\n1,196,1,0\n")
    assert "It has no dates" in check_text(read_dataset(tmp_path), "shop")
