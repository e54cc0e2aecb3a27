using System.Diagnostics.CodeAnalysis;

namespace Datapath.Policy;

/// <content>Says what became of objects.</content>
public sealed partial class PolicyCompiler
{
    /// <summary>The statuses of all known objects, in no particular order.</summary>
    public IEnumerable<ObjectStatus> Statuses =>
        _inputs.Services.Values.Select(static entry => entry.Status)
            .Concat(_inputs.Slices.Values.Select(static entry => entry.Status))
            .Concat(_inputs.Pods.Values.Select(static entry => entry.Status))
            .Concat(_inputs.Redirects.Entries.Values.Select(static entry => entry.Status))
            .Concat(_statuses.All)
            .OfType<ObjectStatus>()
            .Select(status => _inputs.Refusals.Of(status.Object, status))
            .Concat(_inputs.Refusals.All.Keys.Where(key => Find(key) is null).Select(key => _inputs.Refusals.Of(key, status: null)!));

    /// <summary>Finds the status of an object.</summary>
    /// <param name="key">The object.</param>
    /// <param name="status">Its status.</param>
    /// <returns>Whether the object is known.</returns>
    public bool TryGetStatus(ObjectKey key, [NotNullWhen(true)] out ObjectStatus? status)
    {
        status = _inputs.Refusals.Of(key, Find(key));
        return status is not null;
    }

    /// <summary>The status of an object apart from refusals by its source.</summary>
    private ObjectStatus? Find(ObjectKey key) => key.Kind switch
    {
        ObjectKind.Service => _inputs.Services.GetValueOrDefault(new(key.Namespace, key.Name))?.Status,
        ObjectKind.EndpointSlice => _inputs.Slices.GetValueOrDefault(new(key.Namespace, key.Name))?.Status,
        ObjectKind.Pod => _inputs.Pods.GetValueOrDefault(new(key.Namespace, key.Name))?.Status,
        ObjectKind.CiliumLocalRedirectPolicy or ObjectKind.ClusterLocalRedirectPolicy =>
            _inputs.Redirects.Entries.GetValueOrDefault(key)?.Status,
        _ => _statuses.Find(key),
    };

    private void WriteStatuses()
    {
        foreach (var (slice, status) in _serviceIntake.Unowned)
        {
            // Another version of the slice may have come later in the same batch.
            if (ReferenceEquals(_inputs.Slices.GetValueOrDefault(new(slice.Key.Namespace, slice.Key.Name)), slice))
                slice.Status = Changed(slice.Status, status);
        }

        foreach (var pod in _podIntake.ToJudge.Drain())
        {
            pod.Status = Changed(pod.Status, PodStatusWriter.Of(pod));
            if (pod.IsGone)
                _inputs.Pods.Remove(pod.Name);
        }

        foreach (var policy in _inputs.Redirects.ToJudge.Drain())
        {
            policy.Status = Changed(policy.Status, RedirectStatusWriter.Of(policy, _inputs));
        }

        _serviceIntake.Unowned.Clear();
    }

    private ObjectStatus? Changed(ObjectStatus? before, ObjectStatus? after)
    {
        if (after is not null && after != before)
            _changedStatuses.Add(after);
        return after;
    }
}
