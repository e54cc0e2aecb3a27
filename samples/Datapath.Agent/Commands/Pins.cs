namespace Datapath.Agent.Commands;

/// <summary>The pin folder, as the file system shows it to this user.</summary>
internal static class Pins
{
    /// <summary>Tells a folder that may not be seen from one that is not there.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not look.</exception>
    public static void ThrowIfHidden(string bpfRoot)
    {
        try
        {
            _ = File.GetAttributes(Path.Combine(bpfRoot, "maps"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // it is known not to be there
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException($"may not look into '{bpfRoot}'{Privileges.Hint()}", e);
        }
    }
}
