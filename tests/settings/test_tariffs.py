import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

import hems
from hems.errors import ConfigError
from hems.protocols.tariffs.contract import Contract
from hems.settings.load import read
from hems.settings.tariffs import contracts_of

ROOT = Path(hems.__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "tariffs.md").read_text()
ONE = '[{name = "Base", from = 2026-02-01, price = 0.194}]'


def examples() -> list[str]:
    commented = re.findall(r"^# +(contracts = .*)$", (ROOT / "etc/hems.toml").read_text(), re.M)
    return [*re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL), *commented]


def test_each_example_is_a_contract_in_the_file_and_as_a_variable() -> None:
    assert len(examples()) == 12
    for block in examples():
        of_file = contracts_of(tomllib.loads(block)["contracts"], is_text=False)
        of_variable = contracts_of(block.partition("=")[2], is_text=True)
        assert of_file == of_variable
        for contract in of_file:
            assert contract.all_prices


def test_the_command_of_the_document_sets_a_contract() -> None:
    (text,) = re.findall(r"HEMS_TARIFFS_CONTRACTS '(.*?)'", DOCUMENT)
    (contract,) = contracts_of(text, is_text=True)
    assert contract == Contract(
        "Base", date(2026, 2, 1), 0.194, standing_charge_month=15.65, subscribed_kva=6.0
    )


def test_the_oldest_contract_is_first_and_one_needs_no_list() -> None:
    text = '[{price = 2, from = "2026-03-01"}, {price = 1}]'
    assert [one.price for one in contracts_of(text, is_text=True)] == [1.0, 2.0]
    assert [one.price for one in contracts_of("{price = 0}", is_text=True)] == [0.0]
    assert contracts_of(" ", is_text=True) == ()


def test_each_mistake_is_named_with_its_contract() -> None:
    cases = {
        "{price = nan}": "contract 1: price: found nan, expected a number from 0 to 10",
        "{price = true}": "contract 1: price: found True, expected a number from 0 to 10",
        "{price = 19.4}": "contract 1: price: found 19.4, expected a number from 0 to 10",
        "{prices = {a = '0,2'}}": "contract 1: prices: a: found '0,2', expected a number from 0",
        "{name = 'x', prise = 1}": "contract 1 (x): 'prise' is unknown; did you mean price?",
        "{name = 'x'}": "contract 1 (x): expected either one price, or prices",
        "{price = 1, prices = {a = 1}}": "contract 1: expected either one price, or prices",
        "{prices = {'H C' = 1, hc = 1}}": "contract 1: prices: expected names that differ",
        "{prices = {'?' = 1}}": "contract 1: prices: expected names that differ",
        "{price = 1, from = '1/2/26'}": "contract 1: from: found '1/2/26', expected a day such as",
        "{price = 1, from = 2026-02-01T00:00:00}": "contract 1: from: found datetime",
        "{price = 1, name = ''}": "contract 1: name: found '', expected a name",
        "{price = 1, standing_charge_month = 1, standing_charge_year = 1}": "either standing_",
        "{prices = {a = 1}, hours = {b = 'Sat'}}": "hours: 'b' has no price; expected one of a",
        "{prices = {a = 1}, hours = {a = 7}}": "hours: a: found 7, expected text such as",
        "{prices = {a = 1}, hours = {a = 'Sat'}}": "hours: expected hours that fill the week",
        "{prices = {a = 1, b = 1, c = 1}, hours = {a = 'Sat'}}": "found none for ['b', 'c']",
        "{prices = {a = 1}, hours = {a = 'Sam'}}": "found the day 'sam' in 'Sam', expected Mon,",
        "[{price = 1}, 3]": "contract 2: found 3, expected a table such as {name",
        "3": "found 3, expected a list of at most 50 contracts such as [{name",
        "price 3": "not valid TOML",
        "{price = 1}\0": "\\x00', expected text without a control character",
        "[{price = 1}, {price = 2}]": "2 contracts begin on 2000-01-01",
    }
    for text, expected in cases.items():
        with pytest.raises(ConfigError, match=re.escape(expected)):
            contracts_of(text, is_text=True)


def test_all_mistakes_are_listed_at_once() -> None:
    with pytest.raises(ConfigError, match=r"contract 1: .*; contract 2: ") as raised:
        contracts_of("[{price = 'x'}, {price = 'y'}]", is_text=True)
    assert "contract 3" not in str(raised.value)


def test_a_mistake_in_a_price_stops_nothing_and_the_files_contract_stays(tmp_path: Path) -> None:
    file = tmp_path / "hems.toml"
    file.write_text(f"[tariffs]\ncontracts = {ONE}\n")
    settings = read(file, {"HEMS_TARIFFS_CONTRACTS": "{price = 'x'}"})
    (problem,) = settings.problems
    assert problem.instead == "the default"
    assert problem.variable == "HEMS_TARIFFS_CONTRACTS"
    assert [one.price for one in settings.tariffs.contracts] == [0.194]
    file.write_text("[tariffs]\ncontracts = [{price = 'x'}]\n")
    assert read(file, {}).tariffs.contracts == ()
    assert read(file, {"HEMS_TARIFFS_CONTRACTS": ONE}).tariffs.contracts[0].name == "Base"
