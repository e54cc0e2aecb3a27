namespace Datapath.Policy;

/// <summary>Says what the sources refuse. It is not known what would be at which address if it were good.</summary>
internal static class RefusedInputs
{
    public static void Say(RefusalBook refusals, ExplanationBuilder steps)
    {
        foreach (var (key, reason) in refusals.All.OrderBy(static pair => pair.Key))
        {
            ExplanationTopic? topic = key.Kind switch
            {
                ObjectKind.Service => ExplanationTopic.Frontend,
                ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy => ExplanationTopic.Redirect,
                _ => null,
            };
            if (topic is { } known)
                steps.Say(known, applies: false, key.ToString(), $"is refused as it is written, and may mean the address: {reason}");
        }
    }
}
