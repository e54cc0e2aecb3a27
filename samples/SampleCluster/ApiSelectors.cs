using System.Text.Json.Nodes;

namespace Datapath.SampleCluster;

/// <summary>What a list or watch is restricted to, evaluated without the library's own reader of selectors.</summary>
internal sealed record ApiSelectors(string? Namespace, string Labels, string Fields)
{
    public bool Match(JsonObject item) =>
        (Namespace is null || (string?)item["metadata"]!["namespace"] == Namespace)
        && Split(Labels).All(term => MatchLabel(term, item["metadata"]!["labels"] as JsonObject))
        && Split(Fields).All(term => MatchField(term, item));

    private static bool MatchLabel(string term, JsonObject? labels)
    {
        if (term.StartsWith('!'))
            return labels?.ContainsKey(term[1..]) is not true;
        if (term.Contains(" in (", StringComparison.Ordinal))
            return term[(term.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',').Contains((string?)labels?[term[..term.IndexOf(' ', StringComparison.Ordinal)]]);
        if (term.Contains("!=", StringComparison.Ordinal))
            return (string?)labels?[term.Split("!=")[0]] != term.Split("!=")[1];
        return term.Contains('=', StringComparison.Ordinal)
            ? (string?)labels?[term.Split('=')[0]] == term.Split('=')[^1]
            : labels?.ContainsKey(term) is true;
    }

    private static bool MatchField(string term, JsonObject item)
    {
        var (path, value) = (term.Split('=')[0].TrimEnd('!'), term.Split('=')[^1]);
        JsonNode? found = item;
        foreach (var part in path.Split('.'))
            found = (found as JsonObject)?[part];
        return ((string?)found ?? "") == value != term.Contains("!=", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Split(string terms)
    {
        var start = 0;
        var depth = 0;
        for (var i = 0; i <= terms.Length; i++)
        {
            if (i < terms.Length && (terms[i] is '(' or ')'))
                depth += terms[i] == '(' ? 1 : -1;
            if ((i == terms.Length || (terms[i] == ',' && depth == 0)) && i > start)
                yield return terms[start..i].Trim();
            if (i < terms.Length && terms[i] == ',' && depth == 0)
                start = i + 1;
        }
    }
}
