from hems.protocols.home_assistant.page_audiences import Audience, audiences, path, views


def test_with_one_language_everybody_sees_the_same_page() -> None:
    for chosen in ({}, {"a": ""}, {"a": "fr", "b": "fr-CA", "c": ""}):
        assert audiences(chosen, "fr") == (Audience("fr"),)


def test_each_user_reads_the_language_that_he_has_chosen() -> None:
    chosen = {"a": "fr", "b": "nl", "c": "", "d": "pl"}
    assert audiences(chosen, "fr-FR") == (
        Audience("fr", ("a", "c")),
        Audience("nl", ("b",)),
        Audience("en", ("d",)),
    )


def test_a_language_that_nobody_reads_has_no_page() -> None:
    assert audiences({"a": "nl"}, "fr") == (Audience("nl", ("a",)),)


def test_a_view_is_for_its_audience_only() -> None:
    french, dutch = Audience("fr", ("a", "c")), Audience("nl", ("b",))
    assert views([(french, {"title": "Maison"}), (dutch, {"title": "Thuis"})]) == [
        {"title": "Maison", "visible": [{"user": "a"}, {"user": "c"}]},
        {"title": "Thuis", "visible": [{"user": "b"}]},
    ]
    assert [path("home", who) for who in (french, dutch)] == ["home-fr", "home-nl"]


def test_a_view_for_everybody_hides_from_nobody() -> None:
    assert views([(Audience("fr"), {"title": "Maison"})]) == [{"title": "Maison"}]
    assert path("home", Audience("fr")) == "home"
