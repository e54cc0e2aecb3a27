namespace Datapath.Agent.Commands;

/// <summary>What the process ends with. Scripts rely on the numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int Mistakes = 3;
    public const int NothingThere = 4;
}
