using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Client;

/// <summary>Objects of services that the calls for services made: other calls do not change them behind these.</summary>
internal sealed class KeptServiceTests
{
    [Test]
    public async Task A_change_of_objects_does_not_touch_what_calls_for_services_made()
    {
        await using var lab = await ClientLab.StartAsync();
        var made = ClientLab.Service().Backend("10.0.0.1");
        _ = await lab.Client.UpsertServiceAsync(made, Deadline.Token);
        var objects = made.Build();
        using (Assert.EnterMultipleScope())
        {
            foreach (var item in objects)
            {
                foreach (var change in new[] { ObjectBatch.Delete(item.Key), ObjectBatch.Upsert(item) })
                {
                    Assert.That(
                        async () => await lab.Client.ApplyAsync(change, Deadline.Token),
                        Throws.ArgumentException.With.Message.StartsWith($"{item.Key} is of a service that the calls for services made: UpsertServiceAsync replaces "));
                }
            }
        }

        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));
        _ = await lab.Client.RemoveServiceAsync(made.Name, Deadline.Token);
        _ = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. objects]), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"), "now it is theirs");
        _ = await lab.Client.ApplyAsync(ObjectBatch.Delete([.. objects.Select(static item => item.Key)]), Deadline.Token);
    }
}
