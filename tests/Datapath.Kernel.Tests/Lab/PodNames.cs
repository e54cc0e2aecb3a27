namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// The right to give pods names. A pod is known by its address, so labs whose pods have names would take each other's pods for their own: one process at a time
/// has such labs.
/// </summary>
internal static class PodNames
{
    private const int Longest = 300; // seconds; others have theirs for as long as a test takes

    private static readonly Lock s_gate = new();
    private static FileStream? s_file;
    private static int s_labs;

    /// <summary>Waits until no other process has it.</summary>
    public static void Enter()
    {
        lock (s_gate)
        {
            if (s_labs == 0)
                Eventually.True(TryLock, "other tests give their pods' names back", Longest);
            s_labs++;
        }
    }

    public static void Leave()
    {
        lock (s_gate)
        {
            if (--s_labs > 0)
                return;
            s_file!.Dispose();
            s_file = null;
        }
    }

    private static bool TryLock()
    {
        try
        {
            s_file = new(Path.Combine(Path.GetTempPath(), "datapath-test-pod-names"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false; // another process has it
        }
    }
}
