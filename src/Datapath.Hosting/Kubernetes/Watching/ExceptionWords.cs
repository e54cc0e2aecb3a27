namespace Datapath.Hosting;

/// <summary>Says in one line what went wrong with a request.</summary>
internal static class ExceptionWords
{
    /// <summary>The message, and those behind it that say more.</summary>
    public static string Of(Exception e)
    {
        var words = e.Message;
        for (var inner = e.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!words.Contains(inner.Message, StringComparison.Ordinal))
                words = $"{words.TrimEnd('.')}: {inner.Message}";
        }

        return words.ReplaceLineEndings(" ");
    }
}
