"""Tables, database constraints and choices. Imports no other room."""

from tracker.models.assessment import Assessment
from tracker.models.bloc import Bloc, BlocMembership
from tracker.models.bulk_import import BulkImport, StagedRow
from tracker.models.case import Case, CaseParty
from tracker.models.category import Category
from tracker.models.channel import Channel
from tracker.models.claim import Claim
from tracker.models.control import Control, ControlItem, ListEdition, ParticipatingState
from tracker.models.country import Country
from tracker.models.digest import Digest
from tracker.models.edition import Edition, EditionTechnology, Series, Window
from tracker.models.engagement import Engagement, EngagementTechnology
from tracker.models.former_address import FormerAddress
from tracker.models.good import Good, ListedGood
from tracker.models.institution import Institution, InstitutionScore
from tracker.models.invitation import Invitation
from tracker.models.job import Job, JobLine
from tracker.models.link_check import LinkCheck
from tracker.models.listing import Listing, ListingEntry
from tracker.models.loaded_file import LoadedFile
from tracker.models.organisation import Organisation, OrganisationAlias
from tracker.models.participation import Participation
from tracker.models.presence import Presence
from tracker.models.record import Basis, Record, RetirableRecord
from tracker.models.redaction import Redacted, Redaction
from tracker.models.release import Release
from tracker.models.release_file import ReleaseFile
from tracker.models.relevance import Relevance
from tracker.models.report import Report, ReportSender
from tracker.models.revision import Act, Interval, Revision, RevisionCounter
from tracker.models.score import MissingYears, Score
from tracker.models.source import Citation, Source
from tracker.models.status import Status
from tracker.models.stored_file import FileChunk, StoredFile
from tracker.models.talent import TalentFlow
from tracker.models.tally import Tally
from tracker.models.technology import Alias, Technology, WiderField
from tracker.models.trade_flow import Disagreement, FlowPlace, TradeFlow
from tracker.models.user import User

__all__ = [
    "Act",
    "Alias",
    "Assessment",
    "Basis",
    "Bloc",
    "BlocMembership",
    "BulkImport",
    "Case",
    "CaseParty",
    "Category",
    "Channel",
    "Citation",
    "Claim",
    "Control",
    "ControlItem",
    "Country",
    "Digest",
    "Disagreement",
    "Edition",
    "EditionTechnology",
    "Engagement",
    "EngagementTechnology",
    "FileChunk",
    "FlowPlace",
    "FormerAddress",
    "Good",
    "Institution",
    "InstitutionScore",
    "Interval",
    "Invitation",
    "Job",
    "JobLine",
    "LinkCheck",
    "ListEdition",
    "ListedGood",
    "Listing",
    "ListingEntry",
    "LoadedFile",
    "MissingYears",
    "Organisation",
    "OrganisationAlias",
    "ParticipatingState",
    "Participation",
    "Presence",
    "Record",
    "Redacted",
    "Redaction",
    "Release",
    "ReleaseFile",
    "Relevance",
    "Report",
    "ReportSender",
    "RetirableRecord",
    "Revision",
    "RevisionCounter",
    "Score",
    "Series",
    "Source",
    "StagedRow",
    "Status",
    "StoredFile",
    "TalentFlow",
    "Tally",
    "Technology",
    "TradeFlow",
    "User",
    "WiderField",
    "Window",
]
