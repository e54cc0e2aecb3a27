using System.Collections.Immutable;

namespace Datapath.Policy;

/// <content>Values out of several.</content>
internal readonly ref partial struct FieldReader
{
    /// <summary>Reads one of several names. They are compared exactly.</summary>
    public T? OneOf<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        if (String(name) is not { } text)
            return null;
        if (Find(text, choices) is { } value)
            return value;
        Error(name, text, NotOneOf(choices));
        return null;
    }

    /// <summary>Reads one of several names, to which Kubernetes may add more: another is warned about and read as absent.</summary>
    public T? OneOfKnown<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        if (String(name) is not { } text)
            return null;
        if (Find(text, choices) is { } value)
            return value;
        if (issues.TakesNotes)
            issues.Warn(Path(name), text, $"has no effect: it {NotOneOf(choices)}");
        return null;
    }

    /// <summary>Reads a list of names out of several.</summary>
    public ImmutableArray<T> Choices<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        var texts = Strings(name);
        var result = ImmutableArray.CreateBuilder<T>(texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            var count = result.Count;
            foreach (var choice in choices)
            {
                if (choice.Text == texts[i])
                    result.Add(choice.Value);
            }

            if (result.Count == count)
                Error(Item(name, i), texts[i], NotOneOf(choices));
        }

        return result.DrainToImmutable();
    }

    /// <summary>The value that a text names, compared exactly.</summary>
    public static T? Find<T>(string text, params ReadOnlySpan<(string Text, T Value)> choices) where T : struct
    {
        foreach (var choice in choices)
        {
            if (choice.Text == text)
                return choice.Value;
        }

        return null;
    }

    /// <summary>The rule that <see cref="OneOf"/> stands for, in words.</summary>
    public static string NotOneOf<T>(ReadOnlySpan<(string Text, T Value)> choices)
    {
        var text = "must be " + choices[0].Text;
        for (var i = 1; i < choices.Length; i++)
            text += (i == choices.Length - 1 ? " or " : ", ") + choices[i].Text;
        return text;
    }
}
