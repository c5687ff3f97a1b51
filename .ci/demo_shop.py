"Simulate the demo shop anew: data/demo_shop, as its README says."

from pathlib import Path

from segrec.data import simulate_shop

folder = Path(__file__).parent.parent / "data" / "demo_shop"
shop = simulate_shop(n_customers=300, n_items=90, days=182, start="2025-01-01", random_state=7)
for name, keys in {
    "events": ["timestamp", "customer_id", "item_id", "event"],
    "items": ["item_id"],
    "customers": ["customer_id"],
}.items():
    getattr(shop, name).order_by(*keys).execute().to_parquet(
        folder / f"{name}.parquet", index=False, compression="zstd"
    )
shop.truth.to_csv(folder / "truth.csv", index=False)
