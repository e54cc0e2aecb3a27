using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// Reads selectors as text. Each requirement is <c>key</c>, <c>!key</c>, <c>key=value</c>, <c>key==value</c>, <c>key!=value</c>,
/// <c>key in (a,b)</c> or <c>key notin (a,b)</c>; commas stand between them.
/// </summary>
internal static class LabelSelectorParser
{
    public static LabelSelector? Parse(string text, out string? reason)
    {
        reason = null;
        if (string.IsNullOrWhiteSpace(text))
            return LabelSelector.Everything;
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        var rest = text.AsSpan();
        while (true)
        {
            var length = EndOfRequirement(rest);
            var part = rest[..length].Trim();
            if (ParseRequirement(part) is not { } requirement)
                reason = part.IsEmpty ? "has an empty requirement" : $"has '{part}', which is no requirement such as key=value or key in (a,b)";
            else if (LabelSelectorValidator.ReasonAgainst(requirement) is { } mistake)
                reason = $"has '{part}', but {mistake}";
            else
                requirements.Add(requirement);
            if (reason is not null)
                return null;
            if (length == rest.Length)
                return new(matchExpressions: requirements.DrainToImmutable());
            rest = rest[(length + 1)..];
        }
    }

    /// <summary>The comma that ends the requirement; those in parentheses do not.</summary>
    private static int EndOfRequirement(ReadOnlySpan<char> text)
    {
        var isInside = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ',' && !isInside)
                return i;
            isInside = text[i] is '(' || (isInside && text[i] is not ')');
        }

        return text.Length;
    }

    private static LabelRequirement? ParseRequirement(ReadOnlySpan<char> text)
    {
        if (text is ['!', .. var absent])
            return Make(absent.Trim(), LabelOperator.DoesNotExist);
        var end = text.IndexOfAny(" \t=!(");
        var key = end < 0 ? text : text[..end];
        var rest = text[key.Length..].TrimStart();
        if (key.IsEmpty)
            return null;
        return rest switch
        {
            "" => Make(key, LabelOperator.Exists),
            ['=', '=', .. var value] => Make(key, LabelOperator.In, [value.Trim().ToString()]),
            ['=', .. var value] => Make(key, LabelOperator.In, [value.Trim().ToString()]),
            ['!', '=', .. var value] => Make(key, LabelOperator.NotIn, [value.Trim().ToString()]),
            ['i', 'n', .. var values] => MakeSet(key, LabelOperator.In, values.Trim()),
            ['n', 'o', 't', 'i', 'n', .. var values] => MakeSet(key, LabelOperator.NotIn, values.Trim()),
            _ => null,
        };
    }

    private static LabelRequirement? MakeSet(ReadOnlySpan<char> key, LabelOperator kind, ReadOnlySpan<char> list) =>
        list is ['(', .. var inner, ')'] && inner.IndexOfAny('(', ')') < 0
            ? Make(key, kind, [.. inner.ToString().Split(',', StringSplitOptions.TrimEntries)])
            : null;

    private static LabelRequirement Make(ReadOnlySpan<char> key, LabelOperator kind, ImmutableArray<string> values = default) =>
        new() { Key = key.ToString(), Operator = kind, Values = values.IsDefault ? [] : values };
}
