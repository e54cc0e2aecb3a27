using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Datapath.Kubernetes.Tests.Deploy;

/// <summary>Validates as an API server does with the schema of a CRD: types, bounds, patterns and rules. What it does not know is a mistake, not passed over.</summary>
internal static class StructuralSchema
{
    private static readonly string[] s_keywords =
    [
        "type", "description", "required", "properties", "additionalProperties", "items", "enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
        "minItems", "maxItems", "minProperties", "maxProperties", "x-kubernetes-validations",
    ];

    /// <summary>Everything that is wrong with a value.</summary>
    public static List<string> Validate(JsonObject schema, JsonNode? value)
    {
        var errors = new List<string>();
        Validate(schema, value, "", errors);
        return errors;
    }

    /// <summary>What keeps a schema from being structural.</summary>
    public static IEnumerable<string> Check(JsonObject schema, string path = "")
    {
        foreach (var (keyword, _) in schema)
        {
            if (!s_keywords.Contains(keyword))
                yield return $"{path}: {keyword} is not known";
        }

        if ((string?)schema["type"] is not ("object" or "array" or "string" or "integer" or "boolean"))
            yield return $"{path}: has no type";
        if (schema.ContainsKey("properties") && schema.ContainsKey("additionalProperties"))
            yield return $"{path}: properties and additionalProperties exclude each other";
        if ((string?)schema["type"] == "array" != schema.ContainsKey("items"))
            yield return $"{path}: an array needs items, and nothing else has any";
        foreach (var name in Strings(schema["required"]).Where(name => schema["properties"]?[name] is null))
            yield return $"{path}: requires {name}, which is no property";
        foreach (var (name, child) in Children(schema))
        {
            foreach (var error in Check(child, $"{path}.{name}"))
                yield return error;
        }
    }

    /// <summary>The schemas one step below.</summary>
    public static IEnumerable<(string Name, JsonObject Schema)> Children(JsonObject schema)
    {
        foreach (var (name, child) in schema["properties"] as JsonObject ?? [])
            yield return (name, child!.AsObject());
        if (schema["items"] is JsonObject items)
            yield return ("[]", items);
        if (schema["additionalProperties"] is JsonObject others)
            yield return ("{}", others);
    }

    private static void Validate(JsonObject schema, JsonNode? value, string path, List<string> errors)
    {
        var before = errors.Count;
        switch ((string?)schema["type"], value?.GetValueKind())
        {
            case ("object", JsonValueKind.Object):
                ValidateObject(schema, value!.AsObject(), path, errors);
                break;
            case ("array", JsonValueKind.Array):
                Bound(schema, "minItems", "maxItems", value!.AsArray().Count, path, errors);
                for (var i = 0; i < value.AsArray().Count; i++)
                    Validate(schema["items"]!.AsObject(), value[i], $"{path}[{i}]", errors);
                break;
            case ("string", JsonValueKind.String):
                ValidateText(schema, value!.GetValue<string>(), path, errors);
                break;
            case ("integer", JsonValueKind.Number) when value!.AsValue().TryGetValue<long>(out var number):
                Bound(schema, "minimum", "maximum", number, path, errors);
                break;
            case ("boolean", JsonValueKind.True or JsonValueKind.False):
                break;
            default:
                errors.Add($"{path}: must be of type {schema["type"]}");
                break;
        }

        if (errors.Count > before)
            return; // rules may count on the schema
        foreach (var rule in schema["x-kubernetes-validations"] as JsonArray ?? [])
        {
            if (!Cel.Holds((string)rule!["rule"]!, value))
                errors.Add($"{path}: {rule["message"]}");
        }
    }

    private static void ValidateObject(JsonObject schema, JsonObject value, string path, List<string> errors)
    {
        Bound(schema, "minProperties", "maxProperties", value.Count, path, errors);
        foreach (var name in Strings(schema["required"]).Where(name => value[name] is null))
            errors.Add($"{path}.{name}: is required");
        foreach (var (name, child) in value)
        {
            if ((schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject found && child is not null)
                Validate(found, child, $"{path}.{name}", errors);
        }
    }

    private static void ValidateText(JsonObject schema, string text, string path, List<string> errors)
    {
        Bound(schema, "minLength", "maxLength", text.Length, path, errors);
        if (schema["enum"] is JsonArray choices && !Strings(choices).Contains(text))
            errors.Add($"{path}: '{text}' must be one of {string.Join(", ", Strings(choices))}");
        if ((string?)schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern))
            errors.Add($"{path}: '{text}' must match {pattern}");
    }

    private static void Bound(JsonObject schema, string least, string most, long value, string path, List<string> errors)
    {
        if ((long?)schema[least] > value || (long?)schema[most] < value)
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: {value} must be {schema[least]} to {schema[most]}"));
    }

    private static IEnumerable<string> Strings(JsonNode? list) => (list as JsonArray ?? []).Select(static item => (string)item!);
}
