namespace Datapath.Policy.Tests.Compilation.Properties;

/// <summary>Something that happens to a compiler. Events of one step are handed over together.</summary>
/// <param name="Step">The number of the step.</param>
/// <param name="What">
/// A <see cref="KubernetesObject"/> that is new or changed, an <see cref="ObjectKey"/> that is deleted, a <see cref="NodeConfiguration"/> or
/// a <see cref="HealthResult"/>. All events of a step are of the same sort; objects and keys are one sort.
/// </param>
internal readonly record struct RandomEvent(int Step, object What)
{
    public override string ToString() => $"step {Step}: {(What is ObjectKey key ? $"delete {key}" : Text.Of(What))}";
}
