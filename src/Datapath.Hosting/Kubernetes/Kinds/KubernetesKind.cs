using System.Text.Json.Serialization.Metadata;

namespace Datapath.Hosting;

/// <summary>A kind of object of a program's own, such as one that a CRD defines, and how its JSON is read.</summary>
/// <typeparam name="T">
/// What is read of an object: <c>spec</c> and <c>status</c> as far as the program needs them. The metadata is read beside it, see
/// <see cref="KubernetesItem{T}.Metadata"/>.
/// </typeparam>
/// <param name="Group">Its group; empty for the core group.</param>
/// <param name="Version">Its version in the group, for example <c>v1</c>.</param>
/// <param name="Plural">Its name in paths, for example <c>rollouts</c>.</param>
/// <param name="Json">How an object is read; from a source-generated context it works ahead of time.</param>
public sealed record KubernetesKind<T>(string Group, string Version, string Plural, JsonTypeInfo<T> Json)
    where T : class
{
    internal string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
