namespace Datapath.Policy.Tables;

/// <summary>The names of states in tables.</summary>
internal static class StateNames
{
    public static string Of(BackendState state) => state switch
    {
        BackendState.Active => "active",
        BackendState.Terminating => "terminating",
        BackendState.TerminatingNotServing => "terminating-not-serving",
        _ => "maintenance",
    };

    /// <summary>In the maps, what terminates and serves no longer looks like what terminates: it is only never chosen.</summary>
    public static string InMaps(BackendState state) => Of(state is BackendState.TerminatingNotServing ? BackendState.Terminating : state);
}
