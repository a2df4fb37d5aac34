"""Advice in German."""

from typing import Final

from freehold.node.advice.phrases import Phrase, Words

_POSTS = (
    "erreichten meist {usual} Personen; die {others} anderen Beiträge {usual_of_others}. "
    "Jeder an dem gemessen, was zu seiner Zeit üblich war: {size}."
)
_CREATIVE = (
    "Neben den anderen Anzeigen der Anzeigengruppe gezeigt, hatte sie an {sample} Tagen {clicks} Klicks bei "
    "{impressions} Impressionen, die anderen {clicks_of_others} bei {impressions_of_others}. Ihre Klickrate neben der "
    "der anderen: {size}."
)
_COST = (
    "Vom {first} bis {last} kosteten {results} Ergebnisse {spend}; davor {results_before} Ergebnisse {spend_before}. "
    "Ein Ergebnis neben vorher: {size}."
)
_PACE = (
    "Von {budget} sind {spent} ausgegeben. Wenn die kommenden Tage wie die letzten {sample} verlaufen, werden es am "
    "{last} {expected} sein (zwischen {expected_low} und {expected_high})."
)
_LEVELS = "{Metric} von {name} vom {first} bis {last}: {per_day} am Tag. In den Wochen davor: {per_day_before}."
_STAY = "Von denen, die eine Story sehen, bleiben {stays} für die nächste; vor dem {first} waren es {stayed_before}."
_REACH = "Reichweite von {name} vom {first} bis {last}: {reach} Personen. Üblich für so viele Tage: {usual_reach}."
_TREND = "{Metric} von {name} vom {first} bis {last}: {size}, von einzelnen Tagen und der Wochensaison abgesehen."
_LEVEL = "{Metric} von {name} bis dahin: {per_day_before} am Tag. Seit dem {first}: {per_day_after}."
_LOOK = (
    "Suchen Sie, was sich geändert hat: wie oft Sie posten, in welchen Formaten, was als Anzeige lief, was die Saison "
    "tut."
)

GERMAN: Final = Words(
    phrases={
        "format.up": Phrase(
            "Mehr {group} posten",
            "Posten Sie mehr {group}, soweit Ihre Themen es erlauben.",
            f"{{sample}} {{group}} vom {{first}} bis {{last}} {_POSTS}",
        ),
        "format.down": Phrase(
            "Weniger {group} posten",
            "Posten Sie weniger {group}, oder ändern Sie, wie sie gemacht sind.",
            f"{{sample}} {{group}} vom {{first}} bis {{last}} {_POSTS}",
        ),
        "posting_time.up": Phrase(
            "Öfter zu dieser Zeit posten: {group}",
            "Veröffentlichen Sie mehr Beiträge zu dieser Zeit der Woche: {group}.",
            f"{{sample}} zu dieser Zeit veröffentlichte Beiträge vom {{first}} bis {{last}} {_POSTS}",
        ),
        "posting_time.down": Phrase(
            "Seltener zu dieser Zeit posten: {group}",
            "Veröffentlichen Sie weniger Beiträge zu dieser Zeit der Woche: {group}.",
            f"{{sample}} zu dieser Zeit veröffentlichte Beiträge vom {{first}} bis {{last}} {_POSTS}",
        ),
        "caption.up": Phrase(
            "Mehr Texte dieser Art: {group}",
            "Schreiben Sie mehr Texte dieser Art: {group}.",
            f"{{sample}} Beiträge mit solchem Text vom {{first}} bis {{last}} {_POSTS}",
        ),
        "caption.down": Phrase(
            "Weniger Texte dieser Art: {group}",
            "Schreiben Sie weniger Texte dieser Art: {group}.",
            f"{{sample}} Beiträge mit solchem Text vom {{first}} bis {{last}} {_POSTS}",
        ),
        "hashtag.up": Phrase(
            "Den Hashtag {group} öfter verwenden",
            "Verwenden Sie den Hashtag {group} öfter, wo er passt.",
            f"{{sample}} Beiträge mit ihm vom {{first}} bis {{last}} {_POSTS}",
        ),
        "hashtag.down": Phrase(
            "Den Hashtag {group} seltener verwenden",
            "Verwenden Sie den Hashtag {group} seltener.",
            f"{{sample}} Beiträge mit ihm vom {{first}} bis {{last}} {_POSTS}",
        ),
        "creative.up": Phrase(
            "Mehr Budget für {name}",
            "Geben Sie {name} Budget von den anderen Anzeigen der Anzeigengruppe.",
            _CREATIVE,
        ),
        "creative.down": Phrase(
            "{name} ersetzen oder anhalten",
            "Halten Sie {name} an, oder geben Sie der Anzeige ein anderes Bild und einen anderen Text.",
            _CREATIVE,
        ),
        "ad_fatigue.down": Phrase(
            "Neues Bild oder neuer Text für {name}",
            "{name} wurde oft genug gesehen: nehmen Sie ein neues Bild und einen neuen Text, oder zeigen Sie die "
            "Anzeige anderen.",
            "Vom {first} bis {last} hatten die Leute sie anfangs im Mittel {lowest_frequency} mal gesehen, am Ende "
            "{highest_frequency} mal. Klickrate am Ende neben dem Anfang: {size}.",
        ),
        "cost_per_result.up": Phrase(
            "Herausfinden, warum Ergebnisse von {name} mehr kosten",
            "Sehen Sie im Werbeanzeigenmanager nach, was sich bei {name} geändert hat (Zielgruppe, Gebot, Bilder, "
            "Zielseite), und machen Sie es rückgängig, wo Sie können.",
            _COST,
        ),
        "cost_per_result.down": Phrase(
            "Mehr Budget für {name} erwägen",
            "Erwägen Sie, das Budget von {name} in kleinen Schritten zu heben, und behalten Sie im Blick, was ein "
            "Ergebnis kostet.",
            _COST,
        ),
        "pacing.up": Phrase(
            "{name} wird das Budget überziehen",
            "Senken Sie die täglichen Ausgaben von {name}, oder heben Sie das Budget.",
            _PACE,
        ),
        "pacing.down": Phrase(
            "{name} wird das Budget nicht ausschöpfen",
            "Heben Sie die täglichen Ausgaben von {name}, oder planen Sie anderswo mit dem Rest.",
            _PACE,
        ),
        "spike.up": Phrase(
            "{Metric}: nachsehen, was am {first} besonders war",
            "Sehen Sie nach, was am {first} veröffentlicht oder gezeigt wurde, und tun Sie es wieder.",
            "{Metric} von {name} am {first}: {per_day}. Zu erwarten nach Niveau und Wochentag: {expected_per_day}.",
        ),
        "silent_week.down": Phrase(
            "{Metric}: nachsehen, warum die Woche ab {first} so still war",
            "Prüfen Sie, ob Beiträge, Storys oder Anzeigen ausblieben oder etwas abgeschaltet wurde.",
            "{Metric} von {name} vom {first} bis {last}: {per_day} am Tag. Zu erwarten: {expected_per_day}.",
        ),
        "trend.up": Phrase(
            "{Metric}: ein anhaltender Anstieg",
            "Behalten Sie bei, was Sie tun, und schreiben Sie auf, was es ist.",
            _TREND,
        ),
        "trend.down": Phrase("{Metric}: ein anhaltender Rückgang", _LOOK, _TREND),
        "change_point.up": Phrase(
            "{Metric}: seit dem {first} auf höherem Niveau",
            "Finden Sie heraus, was um den {first} begann, und behalten Sie es bei.",
            _LEVEL,
        ),
        "change_point.down": Phrase(
            "{Metric}: seit dem {first} auf niedrigerem Niveau",
            "Finden Sie heraus, was um den {first} endete oder begann, und machen Sie es rückgängig, wo Sie können.",
            _LEVEL,
        ),
        "change.up": Phrase(
            "{Metric}: mehr als in den Wochen davor",
            "Sehen Sie nach, was es bewirkt hat, und tun Sie es wieder.",
            _LEVELS,
        ),
        "change.down": Phrase("{Metric}: weniger als in den Wochen davor", _LOOK, _LEVELS),
        "follower_growth.up": Phrase(
            "Mehr Menschen folgen {name} neu", "Sehen Sie nach, was sie anzog, und tun Sie es wieder.", _LEVELS
        ),
        "follower_growth.down": Phrase(
            "Weniger Menschen folgen {name} neu",
            "Zeigen Sie das Konto neuen Menschen: gemeinsame Beiträge, Reels, Erwähnungen, eine Anzeige für Follower.",
            _LEVELS,
        ),
        "reach.up": Phrase(
            "Mehr Menschen erreicht als üblich", "Sehen Sie nach, was sie anzog, und tun Sie es wieder.", _REACH
        ),
        "reach.down": Phrase("Weniger Menschen erreicht als üblich", _LOOK, _REACH),
        "story_retention.up": Phrase(
            "Menschen bleiben länger bei den Storys von {name}",
            "Behalten Sie bei, wie Sie erzählen, und schreiben Sie auf, was es ist.",
            _STAY,
        ),
        "story_retention.down": Phrase(
            "Menschen verlassen die Storys von {name} früher",
            "Erzählen Sie weniger auf einmal, beginnen Sie mit dem Wichtigen, und fragen Sie früh etwas.",
            _STAY,
        ),
        "rival_new_ads": Phrase(
            "{name} hat neue Anzeigen begonnen",
            "Sehen Sie sie in der Liste der Anzeigen von Wettbewerbern an: ist ein Angebot dabei, das eine Antwort "
            "verlangt?",
            "Anzeigen, die {name} vom {first} bis {last} begann: {ads}.",
        ),
        "rival_long_running_ads": Phrase(
            "{name} zeigt seit langem dieselben Anzeigen",
            "Sehen Sie an, was diese Anzeigen versprechen und zeigen: sie dürften sich lohnen.",
            "Anzeigen von {name}, die seit langem laufen: {ads}. Die älteste davon seit {longest_days} Tagen.",
        ),
    },
    metrics={
        "account_reach": "tägliche Reichweite",
        "account_views": "Aufrufe",
        "account_interactions": "Interaktionen",
        "new_followers": "neue Follower",
        "page_media_view": "Aufrufe der Seite",
        "page_post_engagements": "Interaktionen mit Beiträgen",
        "spend_minor": "Ausgaben",
        "link_clicks": "Linkklicks",
    },
    groups={
        "reel": "Reels",
        "carousel": "Karussells",
        "image": "Bilder",
        "video": "Videos",
        "added_photos": "Fotos",
        "added_video": "Videos",
        "shared_story": "geteilte Beiträge",
        "mobile_status_update": "Beiträge nur mit Text",
        "Monday": "Montag",
        "Tuesday": "Dienstag",
        "Wednesday": "Mittwoch",
        "Thursday": "Donnerstag",
        "Friday": "Freitag",
        "Saturday": "Samstag",
        "Sunday": "Sonntag",
        "no caption": "ohne Text",
        "up to 125 characters": "bis 125 Zeichen",
        "more than 125 characters": "mehr als 125 Zeichen",
        "no hashtags": "ohne Hashtags",
        "1 to 3 hashtags": "1 bis 3 Hashtags",
        "more than 3 hashtags": "mehr als 3 Hashtags",
        "asks a question": "stellt eine Frage",
        "asks no question": "stellt keine Frage",
    },
    expected={
        "posts": "Zu erwarten für die Reichweite solcher Beiträge, neben anderen: {forecast} (zwischen {forecast_low} "
        "und {forecast_high}).",
        "ctr": "Zu erwarten für die Klickrate der Anzeigengruppe: {forecast} (zwischen {forecast_low} und "
        "{forecast_high}).",
        "cost_per_result_minor": "Zu erwarten für die Kosten eines Ergebnisses, wenn der Grund behoben ist: {forecast} "
        "(zwischen {forecast_low} und {forecast_high}).",
    },
    zone="Uhrzeiten sind die der Zeitzone {zone}.",
    of_campaign=" (Kampagne {campaign})",
    place="Sie läuft in der Anzeigengruppe {ad_set} der Kampagne {campaign}.",
    driver="Der größte Teil davon liegt an {driver}: davor {driver_before}, jetzt {driver_after}.",
    more="{} mehr",
    less="{} weniger",
    times="das {}-Fache",
    same="gleich viel",
    quotes=("\u201e", "\u201c"),
    day="d. MMMM y",
)
