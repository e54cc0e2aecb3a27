namespace Datapath.Policy;

/// <summary>The forms of names in Kubernetes (RFC 1123, lower case).</summary>
internal static class NameRules
{
    public const string LabelRule = "must be at most 63 lower-case letters, digits or '-', with a letter or digit at both ends";

    public const string SubdomainRule =
        "must be at most 253 lower-case letters, digits, '-' or '.', with a letter or digit at both ends of each part";

    public const string QualifiedNameRule =
        "must be at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends, and may have a DNS name and '/' before it";

    public const string LabelValueRule =
        "must be empty or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends";

    public const string PortNameRule =
        "must be at most 15 lower-case letters, digits or '-', with a letter in it and no '-' at an end or beside another";

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

    /// <summary>The key of a label or annotation, or a class: a name, perhaps with a prefix.</summary>
    public static bool IsQualifiedName(ReadOnlySpan<char> name)
    {
        var slash = name.IndexOf('/');
        return slash < 0
            ? name.Length > 0 && IsLabelValue(name)
            : IsSubdomain(name[..slash]) && name.Length > slash + 1 && IsLabelValue(name[(slash + 1)..]);
    }

    public static bool IsLabelValue(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty)
            return true;
        if (value.Length > 63 || !char.IsAsciiLetterOrDigit(value[0]) || !char.IsAsciiLetterOrDigit(value[^1]))
            return false;
        foreach (var c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }

        return true;
    }

    /// <summary>The name of a port by the rules of IANA (RFC 6335), in lower case.</summary>
    public static bool IsPortName(ReadOnlySpan<char> name) =>
        name.Length <= 15 && IsLabel(name) && name.ContainsAnyInRange('a', 'z') && name.IndexOf("--", StringComparison.Ordinal) < 0;

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
