using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Something to write.</summary>
/// <param name="Resource">The kind.</param>
/// <param name="Object">The policy.</param>
/// <param name="Uid">Its incarnation.</param>
/// <param name="Status">What to say; <see langword="null"/>: take back what was said.</param>
/// <param name="Gone">Nodes that are gone, whose words are taken back too.</param>
internal sealed record PolicyStatusWrite(KubernetesResource Resource, ObjectKey Object, string? Uid, NodeStatus? Status, IReadOnlyList<string> Gone);
