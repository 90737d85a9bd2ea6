"""Where people are: Vietnamese places from free text, in the names of the 34 provinces and 3,321 communes of today."""

from referral_directory.places.choices import choose
from referral_directory.places.nearby import nearest
from referral_directory.places.resolve import Place, find_place
from referral_directory.places.units import Commune, Gazetteer, Province, load

__all__ = ["Commune", "Gazetteer", "Place", "Province", "choose", "find_place", "load", "nearest"]
