namespace Datapath.SampleNode;

/// <summary>What a sample shows, line by line, and whether all of it was as it should be.</summary>
public sealed class Transcript
{
    /// <summary>Whether nothing was otherwise than expected so far.</summary>
    public bool IsAsExpected { get; private set; } = true;

    /// <summary>Begins a part.</summary>
    public static void Heading(string text)
    {
        Console.WriteLine();
        Console.WriteLine(text);
    }

    /// <summary>Shows what is neither right nor wrong.</summary>
    public static void Show(string text) => Console.WriteLine($"  {text}");

    /// <summary>Shows what came of something.</summary>
    public void Check(bool isRight, string text)
    {
        IsAsExpected &= isRight;
        Console.WriteLine($"  {(isRight ? "ok " : "BAD")} {text}");
    }
}
