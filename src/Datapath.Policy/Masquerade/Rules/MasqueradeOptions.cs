namespace Datapath.Policy;

/// <summary>The options that the rules ask for.</summary>
/// <param name="MasqueradesForwarded">Whether all that is forwarded is masqueraded.</param>
/// <param name="MasqueradesRemoteNodes">Whether packets to other nodes are.</param>
/// <param name="HasMasqueradeList">Whether there is a list of destinations that alone are.</param>
internal readonly record struct MasqueradeOptions(bool MasqueradesForwarded, bool MasqueradesRemoteNodes, bool HasMasqueradeList)
{
    public static MasqueradeOptions Of(MasqueradeConfiguration configuration) => new(
        configuration.MasqueradeForwarded, configuration.RemoteNodes is RemoteNodeMode.Masquerade, !configuration.MasqueradeCidrs.IsDefaultOrEmpty);
}
