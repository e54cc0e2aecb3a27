using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What is known of an object that the server has.</summary>
/// <param name="Header">Its metadata.</param>
/// <param name="Told">What was told of it last; <see langword="null"/> if nothing, since it is refused.</param>
internal sealed record KnownObject(ObjectHeader Header, KubernetesObject? Told);
