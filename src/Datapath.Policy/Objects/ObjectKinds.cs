namespace Datapath.Policy;

/// <summary>What is known of a kind.</summary>
internal static class ObjectKinds
{
    extension(ObjectKind kind)
    {
        /// <summary>Whether objects of the kind are in a namespace.</summary>
        public bool IsNamespaced => kind is not (ObjectKind.Node or ObjectKind.Namespace or ObjectKind.ClusterLocalRedirectPolicy);
    }
}
