"""Tables, database constraints and choices. Imports no other room."""

from tracker.models.assessment import Assessment
from tracker.models.bloc import Bloc, BlocMembership
from tracker.models.category import Category
from tracker.models.country import Country
from tracker.models.edition import Edition, EditionTechnology, Series, Window
from tracker.models.institution import Institution, InstitutionScore
from tracker.models.loaded_file import LoadedFile
from tracker.models.record import Basis, Record
from tracker.models.revision import Act, Interval, Revision, RevisionCounter
from tracker.models.score import MissingYears, Score
from tracker.models.source import Citation, Source
from tracker.models.talent import TalentFlow
from tracker.models.tally import Tally
from tracker.models.technology import Alias, Technology, WiderField
from tracker.models.user import User

__all__ = [
    "Act",
    "Alias",
    "Assessment",
    "Basis",
    "Bloc",
    "BlocMembership",
    "Category",
    "Citation",
    "Country",
    "Edition",
    "EditionTechnology",
    "Institution",
    "InstitutionScore",
    "Interval",
    "LoadedFile",
    "MissingYears",
    "Record",
    "Revision",
    "RevisionCounter",
    "Score",
    "Series",
    "Source",
    "TalentFlow",
    "Tally",
    "Technology",
    "User",
    "WiderField",
    "Window",
]
