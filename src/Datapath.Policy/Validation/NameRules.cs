namespace Datapath.Policy;

/// <summary>The forms of names in Kubernetes (RFC 1123, lower case).</summary>
internal static class NameRules
{
    public const string LabelRule = "must be at most 63 lower-case letters, digits or '-', with a letter or digit at both ends";

    public const string SubdomainRule =
        "must be at most 253 lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part";

    public static bool IsLabel(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 63 || name[0] == '-' || name[^1] == '-')
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    /// <summary>Parts as in a label, separated by dots; a part may be longer than 63.</summary>
    public static bool IsSubdomain(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 253)
            return false;
        var before = '.';
        foreach (var c in name)
        {
            if (c is '.' or '-')
            {
                if (before == '.' || (c == '.' && before == '-'))
                    return false;
            }
            else if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
            {
                return false;
            }

            before = c;
        }

        return before is not ('.' or '-');
    }
}
