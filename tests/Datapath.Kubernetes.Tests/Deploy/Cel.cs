using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Datapath.Kubernetes.Tests.Deploy;

/// <summary>As much of the Common Expression Language as the CRDs use. What it does not know is a mistake, not passed over.</summary>
internal sealed partial class Cel
{
    private readonly string[] _tokens;
    private readonly Dictionary<string, JsonNode?> _variables;
    private int _at;

    private Cel(string[] tokens, Dictionary<string, JsonNode?> variables) => (_tokens, _variables) = (tokens, variables);

    /// <summary>Whether a rule holds for a value.</summary>
    public static bool Holds(string rule, JsonNode? self)
    {
        string[] tokens = [.. Token().Matches(rule).Select(static match => match.Value)];
        if (string.Concat(tokens) != Space().Replace(rule, ""))
            throw new FormatException($"unknown characters in {rule}");
        var cel = new Cel(tokens, new() { ["self"] = self });
        var value = cel.Or(true);
        return cel._at == tokens.Length ? value is true : throw new FormatException($"'{tokens[cel._at]}' is not expected in {rule}");
    }

    private string Peek => _at < _tokens.Length ? _tokens[_at] : "";

    private bool Take(string token)
    {
        if (Peek != token)
            return false;
        _at++;
        return true;
    }

    private void Need(string token)
    {
        if (!Take(token))
            throw new FormatException($"'{token}' is expected, not '{Peek}'");
    }

    // What need not be evaluated is parsed all the same, without looking at values.
    private object? Or(bool isEvaluated)
    {
        var value = And(isEvaluated);
        while (Take("||"))
        {
            var right = And(isEvaluated && value is not true);
            value = value is true || right is true;
        }

        return value;
    }

    private object? And(bool isEvaluated)
    {
        var value = Compare(isEvaluated);
        while (Take("&&"))
        {
            var right = Compare(isEvaluated && value is true);
            value = value is true && right is true;
        }

        return value;
    }

    private object? Compare(bool isEvaluated)
    {
        var left = Unary(isEvaluated);
        if (Peek is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
            return left;
        var sign = _tokens[_at++];
        var right = Unary(isEvaluated);
        if (!isEvaluated)
            return null;
        return sign switch
        {
            "==" => Equals(left, right),
            "!=" => !Equals(left, right),
            "<" => (long)left! < (long)right!,
            "<=" => (long)left! <= (long)right!,
            ">" => (long)left! > (long)right!,
            _ => (long)left! >= (long)right!,
        };
    }

    private object? Unary(bool isEvaluated)
    {
        if (Take("!"))
            return Unary(isEvaluated) is not true;
        if (Take("("))
        {
            var value = Or(isEvaluated);
            Need(")");
            return value;
        }

        if (Take("has"))
        {
            Need("(");
            var (parent, name) = Path(isEvaluated);
            Need(")");
            return isEvaluated && parent!.AsObject()[name] is not null;
        }

        if (Take("size"))
        {
            Need("(");
            var (parent, name) = Path(isEvaluated);
            Need(")");
            return isEvaluated ? Size(parent!.AsObject()[name] ?? throw new FormatException($"no such key: {name}")) : null;
        }

        if (long.TryParse(Peek, CultureInfo.InvariantCulture, out var number))
        {
            _at++;
            return number;
        }

        return Member(isEvaluated);
    }

    /// <summary>A field, or <c>all</c> over a list.</summary>
    private object? Member(bool isEvaluated)
    {
        var (parent, name) = Path(isEvaluated);
        if (name != "all" || !Take("("))
            return isEvaluated ? Value(parent!.AsObject()[name] ?? throw new FormatException($"no such key: {name}")) : null;
        var variable = _tokens[_at++];
        Need(",");
        var start = _at;
        var holds = true;
        foreach (var item in isEvaluated ? parent!.AsArray() : [])
        {
            (_at, _variables[variable]) = (start, item);
            holds &= Or(holds) is true;
        }

        _at = start;
        _ = Or(false);
        Need(")");
        return holds;
    }

    /// <summary>The last name of a path, and the value that the others lead to.</summary>
    private (JsonNode? Parent, string Name) Path(bool isEvaluated)
    {
        var name = _tokens[_at++];
        if (isEvaluated && !_variables.ContainsKey(name))
            throw new FormatException($"undeclared reference to '{name}'");
        JsonNode? value = isEvaluated ? _variables[name] : null;
        Need(".");
        name = _tokens[_at++];
        while (Take("."))
        {
            value = isEvaluated ? value!.AsObject()[name] ?? throw new FormatException($"no such key: {name}") : null;
            name = _tokens[_at++];
        }

        return (value, name);
    }

    private static object Value(JsonNode node) => node.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.True => (object)true,
        System.Text.Json.JsonValueKind.False => false,
        System.Text.Json.JsonValueKind.Number => node.GetValue<long>(),
        System.Text.Json.JsonValueKind.String => node.GetValue<string>(),
        _ => node,
    };

    private static long Size(JsonNode node) => node switch { JsonArray list => list.Count, JsonObject mapping => mapping.Count, _ => node.GetValue<string>().Length };

    [GeneratedRegex(@"[A-Za-z_]\w*|\d+|==|!=|<=|>=|&&|\|\||[-!<>().,]")]
    private static partial Regex Token();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
