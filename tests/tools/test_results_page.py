"""The page of results beside those of others."""

from tools import results_page


def test_the_committed_page_is_current():
    committed = (results_page.ROOT / "docs" / "RESULTS.md").read_text()
    assert committed == results_page.page(), "run `python -m tools.results_page -o docs/RESULTS.md`"


def test_every_row_names_an_experiment_that_is_there():
    for _, rows in results_page.PARTS:
        for row in rows():
            assert (results_page.EXPERIMENTS / row.experiment / "README.md").is_file(), row
            assert row.ours, row
