namespace Datapath.Policy;

/// <summary>Facts about pods that several rules ask for.</summary>
internal static class Pods
{
    extension(Pod pod)
    {
        /// <summary>Whether all its containers have ended for good.</summary>
        public bool IsFinished => pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed;

        /// <summary>The ports that its containers declare, those of sidecars among them.</summary>
        public IEnumerable<ContainerPort> DeclaredPorts
        {
            get
            {
                foreach (var container in pod.Spec.Containers)
                {
                    foreach (var port in container.Ports)
                        yield return port;
                }

                foreach (var container in pod.Spec.InitContainers)
                {
                    if (!container.IsSidecar)
                        continue;
                    foreach (var port in container.Ports)
                        yield return port;
                }
            }
        }

        /// <summary>Its addresses of both families.</summary>
        public IEnumerable<IPValue> AllAddresses
        {
            get
            {
                foreach (var text in pod.Addresses)
                {
                    if (IPValue.TryParse(text, out var ip))
                        yield return ip;
                }
            }
        }

        /// <summary>Its addresses of the families that the node wants.</summary>
        public IEnumerable<IPValue> AddressesFor(NodeView node) => pod.AllAddresses.Where(ip => node.Wants(ip.IsIPv4));
    }
}
