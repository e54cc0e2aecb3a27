using Datapath.Policy;

namespace Datapath.Hosting;

public sealed partial class DatapathClient
{
    /// <summary>Changes the rules of masquerading in one step. New flows follow the new rules; those that run keep their mapping.</summary>
    /// <param name="change">Gives the changed configuration. At first it is that of the options.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How masquerading stands with the rules in force.</returns>
    /// <exception cref="ArgumentException">The rules are wrong: all mistakes at once, each with field, value and reason. Nothing was changed.</exception>
    /// <exception cref="NotSupportedException">The host does not masquerade.</exception>
    /// <exception cref="InvalidOperationException">
    /// The engine refused the rules, which are tried again; or they are in force and take no effect, wholly or in part (<see cref="MasqueradeSnapshot.Outage"/>); or the datapath has ended.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It was stopped.</exception>
    public async Task<MasqueradeSnapshot> ChangeMasqueradeAsync(
        Func<MasqueradeConfiguration, MasqueradeConfiguration> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        Begin(cancellationToken);
        if (!_masqueradeRules.IsEnabled)
            throw new NotSupportedException("the host does not masquerade: AddMasquerade(), or the key masquerade:enabled, has it do so");
        var revision = _masqueradeRules.Change(before =>
        {
            var after = change(before) ?? throw new ArgumentException("what it returns must not be null", nameof(change));
            var mistakes = MasqueradeCompiler.Check(after);
            return mistakes.IsEmpty ? after : throw new ArgumentException(string.Join(Environment.NewLine, mistakes), nameof(change));
        });
        var snapshot = await _monitor.WaitForAsync(now => now.Masquerade is { } masquerade && masquerade.Revision >= revision, cancellationToken).ConfigureAwait(false);
        return snapshot.Masquerade switch
        {
            { Failure: { } failure } => throw new InvalidOperationException($"the rules are not in force: {failure}"),
            { Outage: { } outage } => throw new InvalidOperationException($"the rules are in force without effect: {outage}"),
            var now => now!,
        };
    }
}
