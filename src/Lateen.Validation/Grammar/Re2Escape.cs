using System.Collections.Frozen;
using System.Globalization;

namespace Lateen.Validation.Grammar;

/// <summary>Escapes of RE2 expressions.</summary>
internal static class Re2Escape
{
    private static readonly FrozenSet<string> UnicodeClasses = FrozenSet.Create(StringComparer.Ordinal,
        "Any", "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No",
        "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
        "Adlam", "Ahom", "Anatolian_Hieroglyphs", "Arabic", "Armenian", "Avestan", "Balinese", "Bamum", "Bassa_Vah", "Batak", "Bengali", "Bhaiksuki",
        "Bopomofo", "Brahmi", "Braille", "Buginese", "Buhid", "Canadian_Aboriginal", "Carian", "Caucasian_Albanian", "Chakma", "Cham", "Cherokee",
        "Chorasmian", "Common", "Coptic", "Cuneiform", "Cypriot", "Cypro_Minoan", "Cyrillic", "Deseret", "Devanagari", "Dives_Akuru", "Dogra", "Duployan",
        "Egyptian_Hieroglyphs", "Elbasan", "Elymaic", "Ethiopic", "Georgian", "Glagolitic", "Gothic", "Grantha", "Greek", "Gujarati", "Gunjala_Gondi",
        "Gurmukhi", "Han", "Hangul", "Hanifi_Rohingya", "Hanunoo", "Hatran", "Hebrew", "Hiragana", "Imperial_Aramaic", "Inherited",
        "Inscriptional_Pahlavi", "Inscriptional_Parthian", "Javanese", "Kaithi", "Kannada", "Katakana", "Kawi", "Kayah_Li", "Kharoshthi",
        "Khitan_Small_Script", "Khmer", "Khojki", "Khudawadi", "Lao", "Latin", "Lepcha", "Limbu", "Linear_A", "Linear_B", "Lisu", "Lycian", "Lydian",
        "Mahajani", "Makasar", "Malayalam", "Mandaic", "Manichaean", "Marchen", "Masaram_Gondi", "Medefaidrin", "Meetei_Mayek", "Mende_Kikakui",
        "Meroitic_Cursive", "Meroitic_Hieroglyphs", "Miao", "Modi", "Mongolian", "Mro", "Multani", "Myanmar", "Nabataean", "Nag_Mundari", "Nandinagari",
        "New_Tai_Lue", "Newa", "Nko", "Nushu", "Nyiakeng_Puachue_Hmong", "Ogham", "Ol_Chiki", "Old_Hungarian", "Old_Italic", "Old_North_Arabian",
        "Old_Permic", "Old_Persian", "Old_Sogdian", "Old_South_Arabian", "Old_Turkic", "Old_Uyghur", "Oriya", "Osage", "Osmanya", "Pahawh_Hmong",
        "Palmyrene", "Pau_Cin_Hau", "Phags_Pa", "Phoenician", "Psalter_Pahlavi", "Rejang", "Runic", "Samaritan", "Saurashtra", "Sharada", "Shavian",
        "Siddham", "SignWriting", "Sinhala", "Sogdian", "Sora_Sompeng", "Soyombo", "Sundanese", "Syloti_Nagri", "Syriac", "Tagalog", "Tagbanwa", "Tai_Le",
        "Tai_Tham", "Tai_Viet", "Takri", "Tamil", "Tangsa", "Tangut", "Telugu", "Thaana", "Thai", "Tibetan", "Tifinagh", "Tirhuta", "Toto", "Ugaritic",
        "Vai", "Vithkuqi", "Wancho", "Warang_Citi", "Yezidi", "Yi", "Zanabazar_Square");

    /// <summary>The place behind the escape at <paramref name="at"/>.</summary>
    public static int Skip(string pattern, int at, bool inClass)
    {
        if (at + 1 == pattern.Length) throw new FormatException("a \\ at the end");
        char c = pattern[at + 1];
        switch (c)
        {
            case 'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'a' or 'f' or 'n' or 'r' or 't' or 'v':
            case 'A' or 'b' or 'B' or 'z' when !inClass:
                return at + 2;
            case 'p' or 'P':
                return UnicodeClass(pattern, at);
            case 'x':
                return Hexadecimal(pattern, at);
            // \1 would be a back reference, \12 is a character by its octal code.
            case >= '1' and <= '7' when at + 2 < pattern.Length && pattern[at + 2] is >= '0' and <= '7':
            case '0':
                return Octal(pattern, at + 1);
            default:
                if (c < 128 && !char.IsAsciiLetterOrDigit(c)) return at + 2;
                throw new FormatException($"\\{c} is not supported");
        }
    }

    /// <summary>The character an escape stands for, or -1 if it stands for a class.</summary>
    public static int Value(string pattern, int at, int end) => pattern[at + 1] switch
    {
        'd' or 'D' or 's' or 'S' or 'w' or 'W' or 'p' or 'P' => -1,
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        'x' => int.Parse(pattern[(at + 2)..end].Trim('{', '}'), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        >= '0' and <= '7' => Convert.ToInt32(pattern[(at + 1)..end], 8),
        var c => c,
    };

    private static int Octal(string pattern, int at)
    {
        int end = at + 1;
        while (end < pattern.Length && end < at + 3 && pattern[end] is >= '0' and <= '7') end++;
        return end;
    }

    private static int Hexadecimal(string pattern, int at)
    {
        int start = at + 2;
        bool braces = start < pattern.Length && pattern[start] == '{';
        int end = braces ? pattern.IndexOf('}', start) : start + 2;
        string digits = end < 0 || end > pattern.Length ? "" : pattern[(braces ? start + 1 : start)..end];
        bool good = digits.Length is > 0 and <= 8 && digits.All(char.IsAsciiHexDigit) && Convert.ToInt64(digits, 16) <= 0x10FFFF;
        if (!good) throw new FormatException("\\x needs two hexadecimal digits, or a code in braces");
        return braces ? end + 1 : end;
    }

    private static int UnicodeClass(string pattern, int at)
    {
        int start = at + 2;
        if (start == pattern.Length) throw new FormatException("\\p needs a class");
        bool braces = pattern[start] == '{';
        int end = braces ? pattern.IndexOf('}', start) : start + 1;
        string name = end < 0 ? "" : (braces ? pattern[(start + 1)..end] : pattern[start..end]).TrimStart('^');
        if (!UnicodeClasses.Contains(name)) throw new FormatException($"unknown class of characters \\p{{{name}}}");
        return braces ? end + 1 : end;
    }
}
