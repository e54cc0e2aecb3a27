using System.Text.Json;

namespace Datapath.Hosting;

/// <summary>Steps through the fields of JSON objects, without making anything of what is not asked for. A value of another kind than expected counts as absent.</summary>
internal static class JsonFields
{
    /// <summary>Goes to the value of the field that the reader stands at, and into it if it is an object.</summary>
    /// <returns>Whether it is; if not it is skipped.</returns>
    public static bool Enter(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType is JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    /// <summary>Goes to the next field of an object.</summary>
    /// <returns>Whether there is one; if not the reader stands at the object's end.</returns>
    public static bool Next(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.PropertyName;

    /// <summary>Goes past the value of the field that the reader stands at.</summary>
    public static void Skip(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        reader.Skip();
    }

    public static string? Text(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType is JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    public static long Number(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var number))
            return number;
        reader.Skip();
        return 0;
    }
}
