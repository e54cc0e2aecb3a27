using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What was made of a file.</summary>
internal sealed class FileState(List<ObjectCopy> copies, ManifestContent content)
{
    public List<ObjectCopy> Copies { get; } = copies;

    public ImmutableArray<Diagnostic> Diagnostics { get; } = content.Diagnostics;

    public ImmutableArray<RefusedObject> Refused { get; } = content.Refused;

    /// <summary>What is wrong with the file, in the first place.</summary>
    public Diagnostic? FirstError => Diagnostics.FirstOrDefault(static diagnostic => diagnostic.Severity is DiagnosticSeverity.Error);

    public static FileState Of(string path, ManifestContent content, FileState? before)
    {
        var copies = new List<ObjectCopy>(content.Objects.Length);
        for (var i = 0; i < content.Objects.Length; i++)
            copies.Add(new(content.Objects[i], path, content.Lines[i], i, IsKept: false));
        if (content.HasErrors && before is not null)
            Keep(before, copies);
        return new(copies, content);
    }

    private static void Keep(FileState before, List<ObjectCopy> copies)
    {
        var present = new HashSet<ObjectKey>(copies.Count);
        foreach (var copy in copies)
            present.Add(copy.Object.Key);
        foreach (var copy in before.Copies)
        {
            // Of several copies in one file the first was in force.
            if (present.Add(copy.Object.Key))
                copies.Add(copy with { IsKept = true });
        }
    }
}
