using Datapath.Hosting.Tests.Lab;

namespace Datapath.Kubernetes.Tests.Lab;

/// <summary>What tests wait for at a server.</summary>
internal static class ApiServerWaits
{
    /// <summary>The only watch of a kind, when it is open.</summary>
    public static async Task<WatchSession> WatchOfAsync(this ApiServer server, string plural)
    {
        await Deadline.UntilAsync(() => server.Store.Sessions.Count(session => session.Resource.Plural == plural) == 1, $"a watch of {plural}");
        return server.Store.Sessions.Single(session => session.Resource.Plural == plural);
    }
}
