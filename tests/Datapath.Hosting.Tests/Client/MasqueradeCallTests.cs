using System.Net;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

internal sealed class MasqueradeCallTests
{
    [Test]
    public async Task Rules_are_changed_as_they_are()
    {
        await using var lab = await ClientLab.StartAsync(static builder => builder.AddMasquerade(static options => options.Sources.Add(IPNetwork.Parse("192.168.1.0/24"))));
        var snapshot = await lab.Client.ChangeMasqueradeAsync(static rules => rules with { Sources = rules.Sources.Add(IPNetwork.Parse("192.168.2.0/24")) }, Deadline.Token);
        Assert.That(snapshot.State!.Sources.Prefixes.Select(static item => item.Prefix.ToString()), Is.SupersetOf(new[] { "192.168.1.0/24", "192.168.2.0/24" }));
        snapshot = await lab.Client.ChangeMasqueradeAsync(static rules => rules with { Sources = [] }, Deadline.Token);
        Assert.That(snapshot.State!.Sources.Prefixes.Select(static item => item.Prefix.ToString()), Has.None.EqualTo("192.168.2.0/24"));
    }

    [Test]
    public async Task Wrong_rules_change_nothing_and_name_field_value_and_reason()
    {
        await using var lab = await ClientLab.StartAsync(static builder => builder.AddMasquerade());
        var before = lab.Client.Current;
        Assert.That(
            () => lab.Client.ChangeMasqueradeAsync(static rules => rules with { Interfaces = ["a/b"] }, Deadline.Token),
            Throws.ArgumentException.With.Message.Contains("Interfaces[0]: 'a/b' must be the name of an interface"));
        Assert.That(
            () => lab.Client.ChangeMasqueradeAsync(static _ => null!, Deadline.Token),
            Throws.ArgumentException.With.Message.StartsWith("what it returns must not be null").And.Property(nameof(ArgumentException.ParamName)).EqualTo("change"));
        Assert.That(lab.Client.Current.Masquerade?.Revision ?? 0, Is.EqualTo(before.Masquerade?.Revision ?? 0));
    }

    [Test]
    public async Task Rules_that_take_no_effect_are_told_by_each_call_until_they_do_and_by_none_about_services()
    {
        const string Outage = "programs were detached from device 'eth0'";
        await using var lab = await ClientLab.StartAsync(static builder => builder.AddMasquerade());
        lab.Host.Masquerade.Outage = Outage;
        foreach (var change in new Func<MasqueradeConfiguration, MasqueradeConfiguration>[]
        {
            static rules => rules with { Sources = [IPNetwork.Parse("192.168.2.0/24")] },
            static rules => rules, // changes nothing
        })
        {
            Assert.That(
                () => lab.Client.ChangeMasqueradeAsync(change, Deadline.Token),
                Throws.InvalidOperationException.With.Message.EqualTo($"the rules are in force without effect: {Outage}"));
        }

        Assert.That(
            lab.Host.Masquerade.States.Last().Sources.Prefixes.Select(static item => item.Prefix.ToString()), Has.Some.EqualTo("192.168.2.0/24"), "the change is made all the same");
        Assert.That((await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token)).NotInForce, Is.Empty, "services go on");
        var now = lab.Client.Current;
        Assert.That((now.Outage, now.Masquerade!.Outage), Is.EqualTo(((string?)null, Outage)));
        Assert.That(now.Faults, Is.EqualTo(new[] { $"masquerading: {Outage}" }));
        lab.Host.Masquerade.Outage = null;
        Assert.That((await lab.Client.ChangeMasqueradeAsync(static rules => rules with { Sources = [] }, Deadline.Token)).Outage, Is.Null);
    }

    [Test]
    public async Task A_host_that_does_not_masquerade_says_so()
    {
        await using var lab = await ClientLab.StartAsync();
        Assert.That(() => lab.Client.ChangeMasqueradeAsync(static rules => rules), Throws.TypeOf<NotSupportedException>().With.Message.Contains("AddMasquerade()"));
    }
}
