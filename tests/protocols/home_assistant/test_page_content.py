from hems.protocols.home_assistant.page_content import Readers, path, readers, views


def test_with_one_language_everybody_sees_the_same_page() -> None:
    for chosen in ({}, {"a": ""}, {"a": "fr", "b": "fr-CA", "c": ""}):
        assert readers(chosen, "fr") == (Readers("fr"),)


def test_each_user_reads_the_language_that_he_has_chosen() -> None:
    chosen = {"a": "fr", "b": "nl", "c": "", "d": "pl"}
    assert readers(chosen, "fr-FR") == (
        Readers("fr", ("a", "c")),
        Readers("nl", ("b",)),
        Readers("en", ("d",)),
    )


def test_a_language_that_nobody_reads_has_no_page() -> None:
    assert readers({"a": "nl"}, "fr") == (Readers("nl", ("a",)),)


def test_a_view_is_for_its_readers_only() -> None:
    french, dutch = Readers("fr", ("a", "c")), Readers("nl", ("b",))
    assert views([(french, {"title": "Maison"}), (dutch, {"title": "Thuis"})]) == [
        {"title": "Maison", "visible": [{"user": "a"}, {"user": "c"}]},
        {"title": "Thuis", "visible": [{"user": "b"}]},
    ]
    assert [path("home", who) for who in (french, dutch)] == ["home-fr", "home-nl"]


def test_a_view_for_everybody_hides_from_nobody() -> None:
    assert views([(Readers("fr"), {"title": "Maison"})]) == [{"title": "Maison"}]
    assert path("home", Readers("fr")) == "home"
