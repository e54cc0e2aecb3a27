using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What sources are called, in the log and elsewhere.</summary>
internal static class SourceNames
{
    /// <summary>The name of one.</summary>
    public static string Of(IObjectSource source) => $"the source of objects {source.GetType().Name}";
}
