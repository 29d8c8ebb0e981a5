"""Number formats: the text a cell shows."""

from datetime import date, datetime, time, timedelta

import pytest

from rag.formats.spreadsheets.cell_formats.number_formats import BUILT_IN, Value, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        # Without a format: eleven characters, as Excel fits them.
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1 / 3, "General", "0.333333333"),
        (1234567.891, "General", "1234567.891"),
        (12345.6789012, "General", "12345.6789"),
        (4006381333931.0, "General", "4006381333931"),
        (0.00001234, "General", "1.234E-05"),
        (1.5e20, "General", "1.5E+20"),
        (-7.0, "General", "-7"),
        (5.0, 'General" kg"', "5 kg"),
        # Percentages, thousands, rounding.
        (0.075, "0.0%", "7.5%"),
        (0.075, "0%", "8%"),
        (1.005, "0.00", "1.01"),
        (2.5, "0", "3"),
        (-2.5, "0", "-3"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (999.0, "#,##0", "999"),
        (0.0, "#,##0", "0"),
        (0.0, "#,###", ""),
        (12.0, "#.##", "12."),
        (0.5, "#.##", ".5"),
        (12345678.0, '0.0,,"M"', "12.3M"),
        (12345.0, "0,", "12"),
        (1234.0, "0000,000", "0,001,234"),
        # Currencies and the room that formats of accounts leave.
        (12500.5, '"CHF" #,##0.00', "CHF 12,500.50"),
        (12500.5, "#,##0.00\\ [$€-407]", "12,500.50 €"),
        (-3.0, "[$$-409]#,##0.00", "-$3.00"),
        (-3.0, "#,##0.00;[Red]-#,##0.00", "-3.00"),
        (5.0, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', " $ 5.00 "),
        (-5.0, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', " $ (5.00)"),
        (0.0, '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', " $ -   "),
        # Leading zeros, prefixes, and literals among digits.
        (42.0, '"A-"00000', "A-00042"),
        (815.0, "00000", "00815"),
        (5551234.0, "000-0000", "555-1234"),
        (2025551234.0, "(000) 000\\-0000", "(202) 555-1234"),
        (7.0, "0 \\k\\m", "7 km"),
        # Sections and conditions.
        (-5.0, "0;(0)", "(5)"),
        (0.0, '0;-0;"none"', "none"),
        (1.0, '"yes";"yes";"no"', "yes"),
        (5.0, ";;;", ""),
        ("text", ";;;", ""),
        ("text", "0.00", "text"),
        ("text", '0;0;0;"is "@', "is text"),
        ("5", '@" kg"', "5 kg"),
        (5.0, "@", "5"),
        (150.0, '[>100]"high "0;[<=0]"low "0;0', "high 150"),
        (-150.0, '[>100]"high "0;[<=0]"low "0;0', "low 150"),
        (50.0, '[>100]"high "0;[<=0]"low "0;0', "50"),
        (5.0, "[Red][>=5]0.0;0", "5.0"),
        # Scientific, and fractions.
        (12345.0, "0.00E+00", "1.23E+04"),
        (0.00012, "0.0E-0", "1.2E-4"),
        (12345.0, "##0.0E+0", "12.3E+3"),
        (9.9999, "0.0E+0", "1.0E+1"),
        (1.25, "# ?/?", "1 1/4"),
        (0.333, "# ??/??", "1/3"),
        (2.0, "# ?/?", "2"),
        (1.5, "?/?", "3/2"),
        (0.3, "# ?/16", "5/16"),
        (0.3, "# ?/10", "3/10"),
        # Dates and times.
        (datetime(2024, 1, 5), "dd.mm.yyyy", "05.01.2024"),
        (datetime(2024, 1, 5), "d mmmm yy", "5 January 24"),
        (datetime(2024, 1, 5), "ddd, mmm d", "Fri, Jan 5"),
        (datetime(2024, 1, 5, 15, 4, 9), "h:mm AM/PM", "3:04 PM"),
        (datetime(2024, 1, 5, 15, 4, 9), "yyyy-mm-dd hh:mm:ss", "2024-01-05 15:04:09"),
        (datetime(2024, 1, 5, 15, 4), "[$-F800]dddd\\, d/m/yyyy", "Friday, 5/1/2024"),
        (datetime(2024, 1, 5), "General", "2024-01-05"),
        (date(2024, 1, 5), "m/d/yy", "1/5/24"),
        (time(9, 15), "h:mm", "9:15"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
        (1.25, "[h]:mm:ss", "30:00:00"),
        (0.5, "[mm]:ss", "720:00"),
        (0.0104166, "mm:ss.0", "15:00.0"),
        (45717.60416666666, "d mmmm yyyy h:mm", "1 March 2025 14:30"),
        (datetime(1900, 1, 1, 6), "d mmm yyyy h:mm", "1 Jan 1900 6:00"),
        (datetime(1900, 1, 1, 6), "[h]:mm", "30:00"),
        (-1.0, "yyyy", "-1"),
        (1e12, "yyyy", "1000000000000"),
        (datetime(2024, 1, 5), "0", "45296"),
        (True, "0.00", "TRUE"),
        (5.0, "0" * 300, "5"),
    ],
)
def test_a_cell_shows(value: Value, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (0.5, 9, "50%"),
        (1234.5, 4, "1,234.50"),
        (-1234.5, 40, "(1,234.50)"),
        (0.0, 44, "-"),
        (datetime(2024, 3, 1), 14, "2024-03-01"),
        (datetime(2024, 3, 1), 15, "1-Mar-24"),
        (1.5, 46, "36:00:00"),
        ("x", 49, "x"),
    ],
)
def test_built_in_formats(value: Value, number: int, text: str) -> None:
    assert shown(value, BUILT_IN[number]) == text
